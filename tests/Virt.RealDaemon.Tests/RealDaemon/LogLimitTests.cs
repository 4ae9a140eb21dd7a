using Microsoft.Win32.SafeHandles;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Logs;
using Virt.Domains;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>What a guest or its QEMU writes to logs and files of ports fills no disk, also over a restart of the daemon.</summary>
public sealed class LogLimitTests
{
    private const int Much = 5 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_log_that_grows_is_cut_and_its_end_kept()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        string folder = Directory.CreateDirectory($"{daemon.Root}/out").FullName;
        string[] files = [$"{folder}/console", $"{folder}/port.log", $"{daemon.Root}/var/log/virt/qemu/chatty.log"];
        await File.WriteAllTextAsync(files[0], "of the last run", Cancel);
        Guid uuid;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(
                $"""
                <domain type='qemu'><name>chatty</name><memory unit='MiB'>64</memory><os><type arch='x86_64' machine='q35'>hvm</type></os>
                  <devices><serial type='file'><source path='{files[0]}'/></serial><serial type='null'><log file='{files[1]}' append='on'/></serial></devices></domain>
                """, DefineOptions.None, Cancel);
            uuid = domain.Uuid;
            await connection.Hypervisor.StartDomainAsync(uuid, StartOptions.None, Cancel);
            Assert.DoesNotContain("last run", await File.ReadAllTextAsync(files[0], Cancel), StringComparison.Ordinal);
            await ExpectCutAsync(files);
        }

        // While no daemon runs nobody cuts; the next one does at once.
        await daemon.StopAsync();
        foreach (string file in files)
            Append(file, 'z');
        await daemon.StartAgainAsync();
        await using VirtConnection later = await daemon.ConnectAsync();
        Assert.Equal(DomainState.Running, (await later.Hypervisor.GetDomainByUuidAsync(uuid, Cancel)).State);
        foreach (string file in files)
            await ExpectEndAsync(file, 'z');
        await ExpectCutAsync(files);

        await later.Hypervisor.DestroyDomainAsync(uuid, DestroyOptions.None, Cancel);
        await later.Hypervisor.UndefineDomainAsync(uuid, UndefineOptions.None, Cancel);
        Assert.Empty(Directory.GetFiles($"{daemon.Root}/var/log/virt/qemu", "chatty*"));
    }

    private static async Task ExpectCutAsync(string[] files)
    {
        for (char round = 'a'; round < 'a' + LogFile.Kept + 2; round++)
        {
            foreach (string file in files)
            {
                Append(file, round);
                await ExpectEndAsync(file, round);
            }
        }

        foreach (string file in files)
        {
            // As many as are kept, none of them longer than it may be.
            string[] all = Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*").Where(path => path == file || char.IsAsciiDigit(path[^1])).ToArray();
            Assert.Equal(LogFile.Kept + 1, all.Length);
            Assert.All(all, path => Assert.InRange(new FileInfo(path).Length, 0, LogFile.Limit));
        }
    }

    // The end of what was there is in the newest of the older files, and the file itself begins anew.
    private static async Task ExpectEndAsync(string file, char mark)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        while (new FileInfo(file).Length > LogFile.Limit || !EndsWith($"{file}.0", mark))
            await Task.Delay(20, limit.Token);
    }

    private static bool EndsWith(string file, char mark)
    {
        byte[] content = File.Exists(file) ? File.ReadAllBytes(file) : [];
        return content.Length == LogFile.Limit && content[^1] == mark;
    }

    // As QEMU does, whose descriptor appends.
    private static void Append(string file, char mark)
    {
        using SafeFileHandle handle = HostFile.Append(file);
        byte[] block = new byte[Much];
        Array.Fill(block, (byte)mark);
        RandomAccess.Write(handle, block, 0);
    }
}
