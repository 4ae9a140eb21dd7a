using System.Text;
using Virt.Errors;

namespace Virt.Daemon.Hosting.Commands;

/// <summary>Asks at the terminal for what must not be seen.</summary>
internal static class SecretPrompt
{
    public static string Read(string prompt)
    {
        Console.Error.Write(prompt);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return text.Length > 0 ? text.ToString() : throw new VirtException(VirtErrorCode.InvalidArgument, "a password cannot be empty");
    }
}
