using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Virt.Connections;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Errors;

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
