using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>
/// Runs <c>qemu-img</c>. Images are not trusted: it gets as much memory and processor time as honest images need, and no shell is
/// between us and it.
/// </summary>
internal static class ImageTool
{
    private const string Name = "qemu-img";
    private const int MaximumOutput = 8 << 20;
    private const int MaximumErrors = 4096;
    private static readonly string[] Folders = ["/usr/local/bin", "/usr/bin", "/bin"];

    /// <summary>Runs a command and returns what it wrote.</summary>
    /// <param name="arguments">The command and its arguments.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/> when it cannot be run, <see
    /// cref="VirtErrorCode.OperationTimeout"/> when it takes too long, <see cref="VirtErrorCode.OperationFailed"/> with its own words
    /// when it fails.</exception>
    public static async Task<string> RunAsync(IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancel)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(limit);
        using Process process = Start(arguments);
        try
        {
            ProcessLimits.Apply(process.Id);
            process.StandardInput.Close();
            Task<string> errors = ReadAsync(process.StandardError, MaximumErrors, drain: true, time.Token);
            string output = await ReadAsync(process.StandardOutput, MaximumOutput, drain: false, time.Token).ConfigureAwait(false);
            string words = await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(time.Token).ConfigureAwait(false);
            return process.ExitCode == 0 ? output : throw new VirtException(
                VirtErrorCode.OperationFailed, $"{Name} {arguments[0]} failed: {Say(words, process.ExitCode)}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new VirtException(
                VirtErrorCode.OperationTimeout, $"{Name} {arguments[0]} did not end within {limit.TotalSeconds} s",
                recommendedAction: "Look at the image and at the storage it lies on.");
        }
        finally
        {
            await EndAsync(process).ConfigureAwait(false);
        }
    }

    private static Process Start(IReadOnlyList<string> arguments)
    {
        string path = Array.Find(Array.ConvertAll(Folders, folder => Path.Combine(folder, Name)), File.Exists)
            ?? throw new VirtException(
                VirtErrorCode.SystemError, $"{Name} is not installed", Name, "Install qemu-utils (qemu-img).");
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["LC_ALL"] = "C";
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"'{path}' cannot be run: {failure.Message}", path, "Check its permissions.", failure);
        }
    }

    private static async Task EndAsync(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // it has ended by itself
        }

        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task<string> ReadAsync(StreamReader from, int maximum, bool drain, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await from.ReadAsync(buffer, cancel).ConfigureAwait(false) is > 0 and var read)
        {
            if (text.Length + read > maximum && !drain)
                throw new VirtException(VirtErrorCode.OperationFailed, $"{Name} says more than {maximum} characters");
            text.Append(buffer, 0, Math.Min(read, Math.Max(0, maximum - text.Length)));
        }

        return text.ToString();
    }

    private static string Say(string words, int exitCode)
    {
        string line = string.Join("; ", words.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        if (line.StartsWith(Name + ": ", StringComparison.Ordinal))
            line = line[(Name.Length + 2)..];
        return line.Length > 0 ? line : exitCode > 128 ? $"it was ended by signal {exitCode - 128}" : $"it ended with {exitCode}";
    }
}
