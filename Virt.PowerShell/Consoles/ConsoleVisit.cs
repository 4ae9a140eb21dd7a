using System.Text;
using Virt.Streams;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>A user at a guest's console: keys go to the guest, what it writes goes to the terminal, until one of them has enough.</summary>
internal sealed class ConsoleVisit(VirtStream console, RawTerminal terminal, Stream? log)
{
    /// <summary>Ctrl and ], as in telnet and virsh.</summary>
    private const byte Leave = 0x1d;

    private const int BufferSize = 16 * 1024;

    /// <summary>Runs until the user leaves or the console ends; true when the user left.</summary>
    public async Task<bool> RunAsync(string greeting, CancellationToken cancel)
    {
        await ShowAsync($"{greeting}\r\nCtrl+] leaves.\r\n", cancel).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task showing = ShowAsync(end.Token);
        Task typing = TypeAsync(end.Token);
        Task first = await Task.WhenAny(showing, typing).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(showing, typing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ShowAsync("\r\n", cancel).ConfigureAwait(false);
        await first.ConfigureAwait(false);
        return first == typing;
    }

    private async Task ShowAsync(CancellationToken cancel)
    {
        byte[] text = new byte[BufferSize];
        int count;
        while ((count = await console.ReadAsync(text, cancel).ConfigureAwait(false)) > 0)
        {
            await terminal.WriteAsync(text.AsMemory(0, count), cancel).ConfigureAwait(false);
            if (log is not null)
            {
                await log.WriteAsync(text.AsMemory(0, count), cancel).ConfigureAwait(false);
                await log.FlushAsync(cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task TypeAsync(CancellationToken cancel)
    {
        byte[] keys = new byte[BufferSize];
        int count;
        while ((count = await terminal.ReadAsync(keys, cancel).ConfigureAwait(false)) > 0)
        {
            int leave = keys.AsSpan(0, count).IndexOf(Leave);
            await console.WriteAsync(keys.AsMemory(0, leave < 0 ? count : leave), cancel).ConfigureAwait(false);
            if (leave >= 0)
                return;
        }
    }

    private ValueTask ShowAsync(string text, CancellationToken cancel) => terminal.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
}
