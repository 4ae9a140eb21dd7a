using System.Net.Sockets;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Daemon.Hosting.Check;

/// <summary>One guest of the walk. Its serial console is a unix socket, so that its boot is heard and not guessed.</summary>
internal sealed class WalkGuest
{
    private readonly IHypervisorDriver _hypervisor;
    private readonly string? _console;

    private WalkGuest(IHypervisorDriver hypervisor, Guid uuid, string? console)
    {
        _hypervisor = hypervisor;
        Uuid = uuid;
        _console = console;
    }

    public Guid Uuid { get; }

    public static async Task<WalkGuest> DefineAsync(
        IHypervisorDriver hypervisor, string name, string type, string? guestFolder, string root, CancellationToken cancel)
    {
        string? console = guestFolder is null ? null : Path.Combine(root, name + ".console");
        DomainRecord domain = await hypervisor.DefineDomainAsync(
            Definition(name, type, guestFolder, console).ToString(), DefineOptions.None, cancel).ConfigureAwait(false);
        return new WalkGuest(hypervisor, domain.Uuid, console);
    }

    public async Task BootAsync(TimeSpan limit, CancellationToken cancel)
    {
        // Paused until the console is connected: not a byte of it is lost.
        await _hypervisor.StartDomainAsync(Uuid, _console is null ? StartOptions.None : StartOptions.Paused, cancel).ConfigureAwait(false);
        if (_console is null)
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_console), cancel).ConfigureAwait(false);
        await _hypervisor.ResumeDomainAsync(Uuid, cancel).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(limit);
        using var reader = new StreamReader(new NetworkStream(socket));
        string last = string.Empty;
        try
        {
            while (await reader.ReadLineAsync(patience.Token).ConfigureAwait(false) is { } line)
            {
                if (line.Contains("VIRT-GUEST READY", StringComparison.Ordinal))
                    return;
                last = line.Length == 0 ? last : line;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new VirtException(VirtErrorCode.OperationTimeout, $"the guest did not boot in {limit.TotalSeconds} s; its console ends with: {last}");
        }

        throw new VirtException(VirtErrorCode.OperationFailed, $"the guest ended while booting; its console ends with: {last}");
    }

    public async Task EndAsync(TimeSpan limit, CancellationToken cancel)
    {
        if (_console is null)
        {
            await _hypervisor.DestroyDomainAsync(Uuid, DestroyOptions.None, cancel).ConfigureAwait(false);
            return;
        }

        var off = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IAsyncDisposable subscription = await _hypervisor.SubscribeDomainEventsAsync(
            change =>
            {
                if (change.Kind == DomainEventKind.Stopped && change.Domain.Uuid == Uuid)
                    off.TrySetResult();
            },
            cancel).ConfigureAwait(false);
        await using (subscription.ConfigureAwait(false))
        {
            await _hypervisor.ShutdownDomainAsync(Uuid, ShutdownMode.Acpi, cancel).ConfigureAwait(false);
            await off.Task.WaitAsync(limit, cancel).ConfigureAwait(false);
        }
    }

    public Task UndefineAsync(CancellationToken cancel) => _hypervisor.UndefineDomainAsync(Uuid, UndefineOptions.None, cancel).AsTask();

    /// <summary>Gets rid of the guest after a failure, whatever its state.</summary>
    public async Task DiscardAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        try
        {
            await _hypervisor.DestroyDomainAsync(Uuid, DestroyOptions.None, limit.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is VirtException or OperationCanceledException)
        {
            // Off already, or out of reach; the failure that led here is the one to report.
        }
    }

    private static XElement Definition(string name, string type, string? guestFolder, string? console) => new(
        "domain", new XAttribute("type", type),
        new XElement("name", name),
        new XElement("memory", new XAttribute("unit", "MiB"), 128),
        new XElement("vcpu", 1),
        new XElement(
            "os",
            new XElement("type", new XAttribute("arch", "x86_64"), new XAttribute("machine", "q35"), "hvm"),
            guestFolder is null
                ? null
                : new object[]
                {
                    new XElement("kernel", Path.GetFullPath(Path.Combine(guestFolder, "vmlinuz"))),
                    new XElement("initrd", Path.GetFullPath(Path.Combine(guestFolder, "initrd.img"))),
                    new XElement("cmdline", $"console=ttyS0 quiet no_timer_check virt.name={name}"),
                }),
        new XElement("features", new XElement("acpi"), new XElement("apic")),
        new XElement(
            "devices",
            console is null
                ? null
                : new XElement("serial", new XAttribute("type", "unix"), new XElement("source", new XAttribute("mode", "bind"), new XAttribute("path", console))),
            new XElement("memballoon", new XAttribute("model", "none"))));
}
