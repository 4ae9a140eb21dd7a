using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A disk without room, which is a small tmpfs in a mount namespace of the daemon's own.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_room_each_change_fails_with_its_reason_leaves_what_was_and_works_again_once_there_is_room()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "SKIPPED: file systems are mounted only by root");
        DirectoryInfo root = Directory.CreateTempSubdirectory("full-");
        try
        {
            // The image of the full disk stays reachable from outside through the daemon's own view of it.
            string[] small = ["unshare", "-m", "sh", "-c", $"mount -t tmpfs -o size=16m none {root.FullName} && mkdir -p {root.FullName} && exec \"$@\"", "sh"];
            (int exit, _, string error) = await VirtdProcess.RunAsync(new System.Diagnostics.ProcessStartInfo("unshare", ["-m", "true"]) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true });
            Assert.SkipUnless(exit == 0, $"SKIPPED: no mount namespaces here: {error}");
            await RunAsync(root.FullName, small);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(string outer, string[] small)
    {
        string roomy = Directory.CreateTempSubdirectory("virtd-").FullName;
        // Everything that virtd writes lies on the small file system; its sockets stay where this process can connect to them.
        foreach (string folder in new[] { "etc", "var/lib", "var/log", "run/virt" })
            Directory.CreateDirectory(Path.Combine(roomy, folder));
        foreach (string folder in new[] { "etc/virt", "var/lib/virt", "var/log/virt", "run/virt/qemu", "run/virt/qemu-spare" })
            File.CreateSymbolicLink(Path.Combine(roomy, folder), Path.Combine(outer, folder.Replace('/', '-')));
        string folders = string.Join(' ', new[] { "etc-virt", "var-lib-virt", "var-log-virt", "run-virt-qemu", "run-virt-qemu-spare" }.Select(name => Path.Combine(outer, name)));
        small[4] = small[4].Replace($"mkdir -p {outer}", $"mkdir -p {folders}", StringComparison.Ordinal);
        VirtdProcess daemon = await VirtdProcess.StartAsync(roomy, prefix: small);
        try
        {
            await using VirtConnection connection = await daemon.ConnectAsync();
            await ChangeAsync(connection, $"/proc/{daemon.ProcessId}/root{outer}");
        }
        finally
        {
            await daemon.DisposeAsync();
            Directory.Delete(roomy, recursive: true);
        }
    }

    private static async Task ChangeAsync(VirtConnection connection, string disk)
    {
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord guest = await StuckGuestTests.StartAsync(host, "guest");
        DomainRecord off = await host.DefineDomainAsync(StuckGuestTests.Xml("off"), DefineOptions.None, Cancel);
        string before = await host.GetDomainXmlAsync(off.Uuid, XmlOptions.Inactive, Cancel);

        string ballast = Path.Combine(disk, "ballast");
        Fill(ballast);
        string longer = before.Replace("</name>", "</name><description>" + new string('x', 100_000) + "</description>", StringComparison.Ordinal);
        await RefusedAsync(() => host.DefineDomainAsync(StuckGuestTests.Xml("new"), DefineOptions.None, Cancel).AsTask());
        await RefusedAsync(() => host.DefineDomainAsync(longer, DefineOptions.None, Cancel).AsTask());
        await RefusedAsync(() => host.StartDomainAsync(off.Uuid, StartOptions.None, Cancel).AsTask());
        await RefusedAsync(() => host.SaveDomainAsync(guest.Uuid, Cancel).AsTask());
        await RefusedAsync(() => connection.Storage.CreateImageAsync(new ImageRequest("disk.qcow2", "qcow2", 1L << 30), Cancel).AsTask());

        // Nothing is half done, and what needs no room works.
        Assert.Equal(["guest", "off"], (await host.ListDomainsAsync(DomainFilter.All, Cancel)).Select(domain => domain.Name));
        Assert.Equal(before, await host.GetDomainXmlAsync(off.Uuid, XmlOptions.Inactive, Cancel));
        DomainRecord running = await host.GetDomainByUuidAsync(guest.Uuid, Cancel);
        Assert.Equal((DomainState.Running, false), (running.State, running.HasSavedState));
        Assert.Equal(DomainState.Shutoff, (await host.GetDomainByUuidAsync(off.Uuid, Cancel)).State);
        Assert.Equal(DomainState.Paused, (await host.SuspendDomainAsync(guest.Uuid, Cancel)).State);
        Assert.Equal(DomainState.Running, (await host.ResumeDomainAsync(guest.Uuid, Cancel)).State);
        Assert.Empty(Directory.GetFiles(disk, "*.tmp", SearchOption.AllDirectories));

        File.Delete(ballast);
        Assert.Equal(100_000, (await host.DefineDomainAsync(longer, DefineOptions.None, Cancel)).Description!.Length);
        Assert.Equal(DomainState.Running, (await host.StartDomainAsync(off.Uuid, StartOptions.None, Cancel)).State);
        Assert.True((await host.SaveDomainAsync(guest.Uuid, Cancel)).HasSavedState);
        Assert.Equal(DomainState.Running, (await host.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel)).State);
        await host.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
        await host.DestroyDomainAsync(off.Uuid, DestroyOptions.None, Cancel);
    }

    private static async Task RefusedAsync(Func<Task> change)
    {
        var refused = await Assert.ThrowsAnyAsync<VirtException>(change);
        Assert.True(refused.Code is VirtErrorCode.SystemError or VirtErrorCode.OperationFailed or VirtErrorCode.InternalError, refused.ToString());
        Assert.Contains("space", refused.Message + refused.RecommendedAction, StringComparison.OrdinalIgnoreCase);
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // That is the last of it.
        }
    }
}
