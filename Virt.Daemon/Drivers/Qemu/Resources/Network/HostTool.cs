using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Virt.Errors;
using ChildProcess = System.Diagnostics.Process;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>Runs the host's programs that set up a network: no shell is between us and them, their environment is fixed, and they
/// must end in time.</summary>
internal static class HostTool
{
    private const int MaximumWords = 2000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>Where a program is; null when it is not installed.</summary>
    public static string? Find(string name) => Array.Find(Array.ConvertAll(Folders, folder => Path.Combine(folder, name)), File.Exists);

    /// <summary>Runs a program that must succeed.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="what">What could not be done when it fails.</param>
    /// <param name="target">The object, for the error.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> with its words, <see
    /// cref="VirtErrorCode.OperationTimeout"/> when it does not end.</exception>
    public static async Task RunAsync(string path, IReadOnlyList<string> arguments, string what, string target, CancellationToken cancel)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(Limit);
        using ChildProcess process = Start(path, arguments, what, target);
        try
        {
            process.StandardInput.Close();
            Task<string> output = ReadAsync(process.StandardOutput, time.Token);
            string words = await ReadAsync(process.StandardError, time.Token).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            await process.WaitForExitAsync(time.Token).ConfigureAwait(false);
            if (process.ExitCode != 0)
            {
                string said = string.Join("; ", words.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
                throw new VirtException(
                    VirtErrorCode.OperationFailed,
                    $"{what}: {path} ended with {process.ExitCode}{(said.Length > 0 ? ": " + said : "")}", target);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new VirtException(VirtErrorCode.OperationTimeout, $"{what}: {path} did not end within {Limit.TotalSeconds} s", target);
        }
        finally
        {
            await EndAsync(process).ConfigureAwait(false);
        }
    }

    private static ChildProcess Start(string path, IReadOnlyList<string> arguments, string what, string target)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["LC_ALL"] = "C";
        start.Environment["PATH"] = string.Join(':', Folders);
        try
        {
            return ChildProcess.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new VirtException(
                VirtErrorCode.OperationFailed, $"{what}: '{path}' cannot be run: {failure.Message}", target, "Check the file and its permissions.", failure);
        }
    }

    // What comes after so much is read, so that the program goes on, and forgotten.
    private static async Task<string> ReadAsync(StreamReader from, CancellationToken cancel)
    {
        var words = new StringBuilder();
        var buffer = new char[1024];
        while (await from.ReadAsync(buffer, cancel).ConfigureAwait(false) is > 0 and var read)
            words.Append(buffer, 0, Math.Min(read, MaximumWords - words.Length));
        return words.ToString();
    }

    private static async Task EndAsync(ChildProcess process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
