using System.Diagnostics;

namespace Virt.Bench.Lab;

/// <summary>The floor: QEMU with the benchmark's machine and nobody between it and us.</summary>
internal sealed class BareQemu : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly string[] Arguments =
    [
        "-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35", "-accel", "tcg", "-m", "32", "-smp", "1", "-S", "-qmp", "stdio",
    ];

    private readonly Process _process;

    private BareQemu(Process process) => _process = process;

    /// <summary>From spawn to a monitor that is ready.</summary>
    public static async Task<(BareQemu Qemu, double Microseconds)> StartAsync(string emulator, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(emulator, Arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        long began = Stopwatch.GetTimestamp();
        var qemu = new BareQemu(Process.Start(start)!);
        try
        {
            // The greeting; then the reply to the command that ends negotiation.
            await qemu.LineAsync(cancel).ConfigureAwait(false);
            await qemu.SendAsync("qmp_capabilities", cancel).ConfigureAwait(false);
            await qemu.LineAsync(cancel).ConfigureAwait(false);
            return (qemu, Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }
        catch
        {
            qemu.Dispose();
            throw;
        }
    }

    /// <summary>From quit to the end of the process, in microseconds.</summary>
    public async Task<double> QuitAsync(CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        await SendAsync("quit", cancel).ConfigureAwait(false);
        await _process.WaitForExitAsync(cancel).WaitAsync(Patience, cancel).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds;
    }

    /// <summary>Ends it where it still runs.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task LineAsync(CancellationToken cancel)
    {
        if (await _process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(Patience, cancel).ConfigureAwait(false) is null)
            throw new BenchException("QEMU ended before its monitor was ready.");
    }

    private async Task SendAsync(string command, CancellationToken cancel)
    {
        await _process.StandardInput.WriteAsync($"{{\"execute\":\"{command}\"}}\n".AsMemory(), cancel).ConfigureAwait(false);
        await _process.StandardInput.FlushAsync(cancel).ConfigureAwait(false);
    }
}
