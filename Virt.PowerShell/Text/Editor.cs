using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>The user's editor, and the file that it edits, which only the user may read.</summary>
internal sealed class Editor
{
    private readonly string[] _command;
    private string? _original;

    /// <param name="command">The command, with options; null for that of $VISUAL or $EDITOR.</param>
    public Editor(string? command)
    {
        string? said = new[]
        {
            command, Environment.GetEnvironmentVariable("VISUAL"), Environment.GetEnvironmentVariable("EDITOR"),
            OperatingSystem.IsWindows() ? "notepad" : "vi",
        }.FirstOrDefault(one => !string.IsNullOrWhiteSpace(one));
        _command = Words(said!);
    }

    /// <summary>Where the text is.</summary>
    public string File { get; } = Path.Combine(Path.GetTempPath(), $"virt-{Guid.NewGuid():N}.xml");

    /// <summary>Puts the text into the file, edits it, and returns what it is then.</summary>
    /// <exception cref="VirtException">The editor could not be run, or said that it failed.</exception>
    public async Task<string> EditAsync(string text, CancellationToken cancel)
    {
        _original ??= text;
        await WriteAsync(text, cancel).ConfigureAwait(false);
        var start = new ProcessStartInfo(_command[0]) { UseShellExecute = false };
        foreach (string argument in _command.Skip(1).Append(File))
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start)!;
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw Failed($"the editor '{_command[0]}' ended with {process.ExitCode}", null);
        }
        catch (Win32Exception missing)
        {
            if (text == _original)
                Discard();
            throw Failed($"the editor '{_command[0]}' could not be run: {missing.Message}", missing);
        }

        return await System.IO.File.ReadAllTextAsync(File, cancel).ConfigureAwait(false);
    }

    /// <summary>Takes the file away.</summary>
    public void Discard() => System.IO.File.Delete(File);

    private async Task WriteAsync(string text, CancellationToken cancel)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            Restrict(options);
        var file = new FileStream(File, options);
        await using (file.ConfigureAwait(false))
        {
            var writer = new StreamWriter(file);
            await using (writer.ConfigureAwait(false))
                await writer.WriteAsync(text.AsMemory(), cancel).ConfigureAwait(false);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void Restrict(FileStreamOptions options) => options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static VirtException Failed(string message, Exception? inner) => new(
        VirtErrorCode.OperationFailed, message, null, "Set $env:EDITOR or give -Editor; or use -ScriptBlock.", inner);

    // 'code --wait', '"C:\a b\ed.exe" -n'
    private static string[] Words(string command)
    {
        var words = new List<string>();
        foreach (string part in command.Split('"').Select((text, index) => index % 2 == 1 ? "\"" + text : text))
        {
            if (part.StartsWith('"'))
                words.Add(part[1..]);
            else
                words.AddRange(part.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return words.Count > 0 ? [.. words] : ["vi"];
    }
}
