using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Errors;
using Virt.Streams;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A QEMU that does what its guest wants, on a real virtd: nothing it can reach makes root do anything for it.</summary>
public sealed class CompromisedQemuTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_qemu_writes_to_its_saved_state_is_never_taken_for_a_definition()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await DefineAsync(connection, "saved", "");
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);
        using Process thief = Python(daemon.Root, "hold_descriptor.py", $"{Assert.Single(GuestProcesses.Below(daemon.Root))}", ".save.tmp", ".save", ".mem");
        Assert.Equal("watching", await thief.StandardOutput.ReadLineAsync(Cancel) ?? await thief.StandardError.ReadToEndAsync(Cancel));
        await connection.Hypervisor.SaveDomainAsync(domain.Uuid, Cancel);
        string held = await thief.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(Patience, Cancel) ?? await thief.StandardError.ReadToEndAsync(Cancel);
        Assert.StartsWith($"holds {daemon.Root}/var/lib/virt/qemu/save/saved.", held, StringComparison.Ordinal);

        string proof = $"{daemon.Root}/proof", program = $"{daemon.Root}/program";
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nid -u > {proof}\n", Cancel);
        Share(program);
        string evil = await connection.Hypervisor.GetDomainXmlAsync(domain.Uuid, XmlOptions.None, Cancel);
        evil = evil.Replace("</devices>", $"<filesystem type='mount'><driver type='virtiofs'/><binary path='{program}'/><source dir='/tmp'/><target dir='x'/></filesystem></devices>", StringComparison.Ordinal);
        await File.WriteAllBytesAsync($"{daemon.Root}/evil", Head(evil), Cancel);
        Share($"{daemon.Root}/evil");
        await thief.StandardInput.WriteLineAsync($"{daemon.Root}/evil");
        Assert.Equal("written", await thief.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(Patience, Cancel));

        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.False(File.Exists(proof), "a program of the guest's choice was run");
        Assert.Contains("is not as it was when the guest was saved", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ForceBoot", refused.RecommendedAction, StringComparison.Ordinal);
        thief.StandardInput.Close();
        await thief.WaitForExitAsync(Cancel);
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.ForceBoot, Cancel);
    }

    [Fact]
    public async Task Removing_a_tpm_with_its_guest_follows_no_link_that_qemus_user_puts_there()
    {
        const int rounds = 12;
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string victim = Directory.CreateDirectory($"{daemon.Root}/victim").FullName;
        string[] kept = [.. Enumerable.Range(0, 50).Select(number => $"{victim}/{number}")];
        foreach (string file in kept)
            await File.WriteAllTextAsync(file, "root's", Cancel);
        for (int round = 0; round < rounds; round++)
        {
            // As a run leaves it: the state is QEMU's user's, in a folder that is not.
            DomainRecord domain = await DefineAsync(connection, "tpm", "");
            string folder = $"{daemon.Root}/var/lib/virt/qemu/swtpm/{domain.Uuid:D}";
            string state = Directory.CreateDirectory($"{folder}/tpm2").FullName;
            SeparateUser.Let(folder);
            using (HostPath made = HostPath.Find(state)!)
                Assert.Equal(0, FileOwner.Set(made.File, SeparateUser.Account.User, SeparateUser.Account.Group));
            using Process attacker = Python(daemon.Root, "swap_links.py", state, victim);
            Assert.Equal("ready", await attacker.StandardOutput.ReadLineAsync(Cancel) ?? await attacker.StandardError.ReadToEndAsync(Cancel));
            await connection.Hypervisor.UndefineDomainAsync(domain.Uuid, UndefineOptions.None, Cancel);
            attacker.StandardInput.Close();
            await attacker.WaitForExitAsync(Cancel).WaitAsync(Patience, Cancel);
            Assert.Equal(kept.Order(), Directory.GetFiles(victim).Order());
            Assert.False(Directory.Exists(folder));
        }
    }

    [Fact]
    public async Task The_state_of_a_tpm_is_roots_while_its_guest_is_off()
    {
        Assert.SkipUnless(TpmPrograms.Swtpm is not null, "swtpm is not installed");
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await DefineAsync(connection, "tpm", "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>");
        string state = $"{daemon.Root}/var/lib/virt/qemu/swtpm/{domain.Uuid:D}";
        for (int round = 0; round < 2; round++)
        {
            await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);
            Assert.StartsWith($"{SeparateUser.Account.User}:", SeparateUser.Of($"{state}/tpm2"), StringComparison.Ordinal);
            await connection.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel);
            Assert.Equal("0:0 700", SeparateUser.Of(state));
            Assert.All(Directory.GetFileSystemEntries(state, "*", SearchOption.AllDirectories), path => Assert.StartsWith("0:0 ", SeparateUser.Of(path), StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("named", "a link to the daemon's socket")]
    [InlineData("made", "a link to the daemon's socket")]
    [InlineData("named", "a link to another guest's console")]
    public async Task A_console_that_is_swapped_for_something_else_opens_nothing(string console, string swap)
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        string folder = Directory.CreateDirectory($"{daemon.Root}/consoles").FullName, path = $"{folder}/own.sock";
        DomainRecord other = await DefineAsync(connection, "other", "<serial type='unix'><source mode='bind' path='" + folder + "/other.sock'/></serial>");
        DomainRecord domain = await DefineAsync(
            connection, "own", console == "named" ? $"<serial type='unix'><source mode='bind' path='{path}'/></serial>" : "<serial type='null'/><channel type='unix'><target type='virtio' name='a'/></channel><console type='unix'><source mode='bind' path='{path}'/><target type='virtio'/></console>".Replace("{path}", path, StringComparison.Ordinal));
        await connection.Hypervisor.StartDomainAsync(other.Uuid, StartOptions.None, Cancel);
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);
        string alias = console == "named" ? "serial0" : "console1";
        await using (VirtStream right = await connection.Hypervisor.OpenConsoleAsync(domain.Uuid, alias, ConsoleOptions.None, Cancel))
        {
        }

        // The folder is another user's, who may do there what he likes.
        using (HostPath made = HostPath.Find(folder)!)
            Assert.Equal(0, FileOwner.Set(made.File, SeparateUser.Account.User, SeparateUser.Account.Group));
        await AsUserAsync($"rm -f {path} && ln -s {(swap.Contains("daemon", StringComparison.Ordinal) ? daemon.Socket : folder + "/other.sock")} {path}");
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => OpenAsync(connection, domain, alias));
        Assert.Equal(VirtErrorCode.OperationDenied, refused.Code);
        Assert.Contains("not followed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_does_not_make_the_daemons_own_socket_a_console()
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord domain = await DefineAsync(connection, "own", $"<serial type='unix'><source mode='bind' path='{daemon.Socket}'/></serial>");
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Contains("somebody listens", refused.Message, StringComparison.Ordinal);
        await using VirtConnection again = await daemon.ConnectAsync();
        Assert.Single(await again.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel));
    }

    [Theory]
    [InlineData("root's")]
    [InlineData("another guest's")]
    public async Task A_terminal_that_a_qemu_names_is_opened_only_if_it_is_its_own(string whose)
    {
        await using VirtdProcess daemon = await SeparateUser.StartAsync();
        Guid uuid;
        string status = $"{daemon.Root}/run/virt/qemu/own.status", spare;
        using Process terminal = Process.Start(new ProcessStartInfo(
            "/usr/bin/python3", ["-c", "import os,sys\nm,s=os.openpty()\nprint(os.ttyname(s),flush=True)\nsys.stdin.read()"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        string named = (await terminal.StandardOutput.ReadLineAsync(Cancel))!;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            DomainRecord other = await DefineAsync(connection, "other", "<serial type='pty'/>");
            DomainRecord domain = await DefineAsync(connection, "own", "<serial type='pty'/>");
            await connection.Hypervisor.StartDomainAsync(other.Uuid, StartOptions.None, Cancel);
            await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);
            await using (VirtStream right = await OpenAsync(connection, domain, null))
            {
            }

            uuid = domain.Uuid;
            spare = $"{daemon.Root}/run/virt/qemu-spare/{uuid:D}.status";
            if (whose != "root's")
                named = Terminal(await connection.Hypervisor.GetDomainXmlAsync(other.Uuid, XmlOptions.None, Cancel));
        }

        // What a QEMU names is noted with its run.
        await daemon.StopAsync();
        string noted = await File.ReadAllTextAsync(status, Cancel);
        string own = System.Text.RegularExpressions.Regex.Match(noted, "/dev/pts/[0-9]+").Value;
        Assert.NotEqual(own, named);
        foreach (string file in (string[])[status, spare])
            await File.WriteAllTextAsync(file, noted.Replace(own, named, StringComparison.Ordinal), Cancel);
        await daemon.StartAgainAsync();
        await using VirtConnection later = await daemon.ConnectAsync();
        DomainRecord taken = await later.Hypervisor.GetDomainByUuidAsync(uuid, Cancel);
        Assert.Equal(DomainState.Running, taken.State);
        VirtException refused = await Assert.ThrowsAnyAsync<VirtException>(() => OpenAsync(later, taken, null));
        Assert.Equal(VirtErrorCode.OperationDenied, refused.Code);
        Assert.Contains("is not of the guest's process", refused.Message, StringComparison.Ordinal);
        terminal.StandardInput.Close();
    }

    private static string Terminal(string live) => System.Text.RegularExpressions.Regex.Match(live, "/dev/pts/[0-9]+").Value;

    private static async Task<VirtStream> OpenAsync(VirtConnection connection, DomainRecord domain, string? console) =>
        await connection.Hypervisor.OpenConsoleAsync(domain.Uuid, console, ConsoleOptions.None, Cancel);

    private static async Task AsUserAsync(string command)
    {
        using Process shell = Process.Start("/usr/bin/setpriv", [$"--reuid={SeparateUser.Account.User}", $"--regid={SeparateUser.Account.Group}", "--clear-groups", "/bin/sh", "-c", command]);
        await shell.WaitForExitAsync(Cancel);
        Assert.Equal(0, shell.ExitCode);
    }

    private static async Task<DomainRecord> DefineAsync(VirtConnection connection, string name, string devices) => await connection.Hypervisor.DefineDomainAsync(
        $"""
        <domain type='qemu'>
          <name>{name}</name>
          <memory unit='MiB'>256</memory>
          <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
          <os><type arch='x86_64' machine='q35'>hvm</type></os>
          <devices>{devices}</devices>
        </domain>
        """, DefineOptions.None, Cancel);

    private static void Share(string path) => File.SetUnixFileMode(path, (UnixFileMode)0x1ed);

    // The head that virtd once put before QEMU's stream.
    private static byte[] Head(string xml)
    {
        byte[] text = Encoding.UTF8.GetBytes(xml), head = new byte[(28 + text.Length + 4095) / 4096 * 4096];
        "VirtSavedGuest\r\n"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(24), (uint)text.Length);
        text.CopyTo(head, 28);
        return head;
    }

    /// <summary>Runs a script as QEMU's user.</summary>
    private static Process Python(string root, string script, params string[] arguments)
    {
        string copy = Path.Combine(root, script);
        File.Copy(Path.Combine(AppContext.BaseDirectory, script), copy, overwrite: true);
        Share(copy);
        return Process.Start(new ProcessStartInfo(
            "/usr/bin/setpriv", [$"--reuid={SeparateUser.Account.User}", $"--regid={SeparateUser.Account.Group}", "--clear-groups", "/usr/bin/python3", copy, .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }
}
