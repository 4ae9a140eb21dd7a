using System.Buffers.Binary;
using System.Text;
using Virt.Domains;
using Virt.Errors;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

public sealed class SaveTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_saved_guest_goes_on_at_its_next_start_and_the_file_is_used_up()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        qemu.ForgetEvents();
        DomainRecord saved = await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Saved, true), (saved.State, saved.Reason, saved.HasSavedState));
        Assert.Equal(["Suspended/Paused", "Stopped/Saved"], qemu.EventNames);
        qemu.ForgetEvents();

        await qemu.RestartAsync();
        Assert.True((await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel)).HasSavedState);
        DomainRecord restored = await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.Restored, false), (restored.State, restored.Reason, restored.HasSavedState));
        Assert.Equal(["Started/Restored", "Resumed/FromSnapshot"], qemu.EventNames);
        Assert.Empty(Directory.EnumerateFiles(qemu.Folders.SavedStates));
        await qemu.Driver.SuspendDomainAsync(web.Uuid, Cancel);
    }

    [Fact]
    public async Task A_guest_saved_paused_comes_back_paused()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        await qemu.Driver.SuspendDomainAsync(web.Uuid, Cancel);
        await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        DomainRecord restored = await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel);
        Assert.Equal((DomainState.Paused, DomainStateReason.Migration), (restored.State, restored.Reason));
        Assert.Equal(DomainState.Running, (await qemu.Driver.ResumeDomainAsync(web.Uuid, Cancel)).State);
    }

    [Fact]
    public async Task A_save_that_fails_lets_the_guest_run_on()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        qemu.ForgetEvents();
        Directory.Delete(qemu.Folders.SavedStates);
        await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.SaveDomainAsync(web.Uuid, Cancel).AsTask());
        DomainRecord after = await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.SaveCanceled), (after.State, after.Reason));
        Assert.Equal(["Suspended/Paused", "Resumed/Unpaused"], qemu.EventNames);
    }

    [Fact]
    public async Task A_damaged_saved_state_is_an_error_and_can_be_dropped()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        string path = qemu.Host.Services.SavedStates.PathOf("web");
        byte[] whole = File.ReadAllBytes(path);
        foreach (byte[] damaged in (byte[][])[[.. whole.Take(whole.Length / 2)], [1, 2, 3], "VirtSavedGuest\r\n"u8.ToArray(), []])
        {
            File.WriteAllBytes(path, damaged);
            await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel).AsTask());
            Assert.True(File.Exists(path));
        }

        await Assert.ThrowsAsync<VirtInvalidStateException>(() => qemu.Driver.UndefineDomainAsync(web.Uuid, UndefineOptions.None, Cancel).AsTask());
        DomainRecord fresh = await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.ForceBoot, Cancel);
        Assert.Equal((DomainStateReason.Booted, false), (fresh.Reason, fresh.HasSavedState));
    }

    [Fact]
    public async Task A_memory_image_that_was_changed_is_refused_and_one_that_was_copied_is_not()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        string image = qemu.Host.Services.SavedStates.ImageOf("web"), copy = Path.Combine(qemu.Folders.State, "copy");
        File.Copy(image, copy);
        using (FileStream opened = File.OpenWrite(image))
            opened.Write([0xff, 0xfe], 0, 2);
        VirtException refused = await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.OperationFailed, refused.Code);
        Assert.Contains(image, refused.Message, StringComparison.Ordinal);
        Assert.Contains("ForceBoot", refused.RecommendedAction, StringComparison.Ordinal);
        Assert.True((await qemu.Driver.GetDomainByUuidAsync(web.Uuid, Cancel)).HasSavedState);
        File.Delete(image);
        await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel).AsTask());

        File.Move(copy, image);
        Assert.Equal(DomainStateReason.Restored, (await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel)).Reason);
    }

    [Fact]
    public async Task What_saves_and_removals_that_were_cut_short_leave_goes_although_other_guests_run()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        await qemu.StartAsync("runs");
        await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        string kept = qemu.Host.Services.SavedStates.ImageOf("web");
        await qemu.RestartAsync(() =>
        {
            foreach (string name in (string[])["gone.mem", "gone.save.tmp", "gone.save.tmp.0123.tmp", "runs.mem"])
                File.WriteAllText(Path.Combine(qemu.Folders.SavedStates, name), "rubbish");
        });
        Assert.Equal(
            ["runs.mem", "web.mem", "web.save"], Directory.GetFiles(qemu.Folders.SavedStates).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(kept));
        Assert.Equal(DomainStateReason.Restored, (await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel)).Reason);
    }

    [Fact]
    public async Task A_guest_that_an_older_virtd_saved_is_restored_with_the_definition_that_is_stored()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        string path = qemu.Host.Services.SavedStates.PathOf("web"), image = qemu.Host.Services.SavedStates.ImageOf("web");
        byte[] xml = Encoding.UTF8.GetBytes("<domain type='qemu'><name>web</name><devices><emulator>/bin/false</emulator></devices></domain>");
        byte[] head = new byte[4096];
        "VirtSavedGuest\r\n"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(24), (uint)xml.Length);
        xml.CopyTo(head, 28);
        File.WriteAllBytes(path, [.. head, .. File.ReadAllBytes(image)]);
        File.Delete(image);
        DomainRecord restored = await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.Restored), (restored.State, restored.Reason));
        Assert.Empty(Directory.EnumerateFiles(qemu.Folders.SavedStates));
    }

    [Fact]
    public async Task The_saved_state_can_be_removed_alone_or_with_the_definition()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord web = await qemu.StartAsync("web");
        Assert.Equal(VirtErrorCode.SystemError, (await Assert.ThrowsAsync<VirtException>(() => qemu.Driver.RemoveSavedDomainAsync(web.Uuid, Cancel).AsTask())).Code);
        await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        await Assert.ThrowsAsync<VirtInvalidStateException>(() => qemu.Driver.RenameDomainAsync(web.Uuid, "other", Cancel).AsTask());
        DomainRecord without = await qemu.Driver.RemoveSavedDomainAsync(web.Uuid, Cancel);
        Assert.Equal((DomainStateReason.Saved, false), (without.Reason, without.HasSavedState));
        await qemu.Driver.StartDomainAsync(web.Uuid, StartOptions.None, Cancel);
        await qemu.Driver.SaveDomainAsync(web.Uuid, Cancel);
        await qemu.Driver.UndefineDomainAsync(web.Uuid, UndefineOptions.ManagedSave, Cancel);
        Assert.Empty(Directory.EnumerateFiles(qemu.Folders.SavedStates));
        Assert.Empty(await qemu.Driver.ListDomainsAsync(DomainFilter.All, Cancel));
    }
}
