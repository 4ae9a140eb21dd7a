using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Daemon.Hosting;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>
/// Starts a guest's QEMU as the supervisor does - what it needs of the host first, descriptors inherited, then what the monitor is
/// told - and ends it again before a processor runs.
/// </summary>
internal sealed class RealQemu : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ProcessWatcher _watcher = new();
    private readonly GuestDefinition _guest;
    private readonly HostServices _host;

    public RealQemu(GuestDefinition guest, TestFolder folder)
    {
        _guest = guest;
        var folders = new QemuFolders(VirtDirectories.FromRoot(folder.Path));
        folders.Create(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        _host = new HostServices(guest.General.Name, guest.General.Uuid, folder.Path, folders, new ProcessLauncher(_watcher));
    }

    private string Log => _host.Folders.LogOf(_host.Name);

    public async Task TryAsync(QemuCommandLine line, CancellationToken cancel)
    {
        IReadOnlyList<IHostResource> resources = _guest.Resources;
        try
        {
            foreach (IHostResource resource in resources)
                await resource.AcquireAsync(_host, cancel);
            await RunAsync(line, cancel);
        }
        catch (Exception failure) when (File.Exists(Log))
        {
            throw new InvalidOperationException($"{failure.Message}\nQEMU said: {await File.ReadAllTextAsync(Log, cancel)}", failure);
        }
        finally
        {
            foreach (IHostResource resource in resources.Reverse())
                await resource.ReleaseAsync(_host);
        }
    }

    public void Dispose() => _watcher.Dispose();

    private async Task RunAsync(QemuCommandLine line, CancellationToken cancel)
    {
        string path = Path.Combine(_host.RunFolder, "monitor.sock");
        using QemuProcess process = Launch(line, path, out Socket socket);
        try
        {
            await using QmpClient monitor = await QmpClient.OpenAsync(socket, _ => { }, Patience, cancel);
            foreach (PostStartCommand command in line.PostStart)
            {
                JsonElement reply = await monitor.ExecuteAsync(QemuGuestPlanner.Step(command).Command, cancel);
                command.Reply?.Invoke(reply);
            }

            JsonElement status = await monitor.ExecuteAsync("query-status", cancel);
            Assert.Equal("prelaunch", status.GetProperty("status").GetString());
            await monitor.ExecuteAsync("quit", cancel);
            Assert.Equal(0, (await process.Exited.WaitAsync(Patience, cancel)).Status);
        }
        finally
        {
            process.Kill();
            await process.Exited.WaitAsync(Patience, CancellationToken.None);
        }
    }

    private QemuProcess Launch(QemuCommandLine line, string path, out Socket socket)
    {
        using SafeHandle listener = HostSocket.Listen(path);
        socket = HostSocket.ConnectAsync(path, CancellationToken.None).GetAwaiter().GetResult();
        List<SafeHandle> descriptors = [listener];
        try
        {
            foreach (Func<SafeHandle> open in line.Descriptors)
                descriptors.Add(open());
            using DomainLog log = DomainLog.Open(Log);
            return _host.Launcher.Launch(
                line.Executable, line.Arguments, [.. line.Environment.Select(variable => $"{variable.Key}={variable.Value}")], log.Handle, descriptors);
        }
        finally
        {
            foreach (SafeHandle descriptor in descriptors.Skip(1))
                descriptor.Dispose();
        }
    }
}
