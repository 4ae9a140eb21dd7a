using Microsoft.Extensions.Logging.Abstractions;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;
using Virt.Tests.Daemon.RealDaemon;

namespace Virt.Tests.Daemon.Qemu.Ownership;

/// <summary>Whose files are, as guests take and leave them and daemons end in between.</summary>
public sealed class FileOwnershipTests : IDisposable
{
    private static readonly QemuUser Guest = new("guest", 64001, 64002, [64002]);
    private static readonly QemuUser Other = new("other", 64003, 64004, [64004]);
    private readonly string _folder = Directory.CreateTempSubdirectory("owners-").FullName;
    private readonly string _file;
    private readonly Guid _a = Guid.NewGuid(), _b = Guid.NewGuid();

    public FileOwnershipTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give files away");
        SeparateUser.Let(_folder);
        Directory.CreateDirectory(Path.Combine(_folder, "notes"));
        _file = Path.Combine(_folder, "image");
        File.WriteAllText(_file, "content");
        SeparateUser.Own(_file, 5, 6);
    }

    [Fact]
    public void A_reader_may_read_and_a_writer_has_the_file_whoever_comes_and_goes_first()
    {
        FileOwnership ownership = New();
        ownership.Take(_a, "vda", [Image(FileNeed.Read)], Guest);
        Assert.Equal("5:6 640 +64001:r", SeparateUser.Of(_file));
        ownership.Take(_b, "vda", [Image(FileNeed.Write)], Guest);
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));
        ownership.Release(_b);
        Assert.Equal("5:6 640 +64001:r", SeparateUser.Of(_file));
        ownership.Take(_b, "vda", [Image(FileNeed.Write)], Guest);
        ownership.Release(_a, "vda");
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));
        ownership.Release(_b, "vdb");
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));
        ownership.Release(_b, "vda");
        Assert.Equal("5:6 600", SeparateUser.Of(_file));
        ownership.Release(_b);
        Assert.Empty(Notes());
    }

    [Fact]
    public void Guests_of_their_own_users_share_what_is_made_for_it_and_nothing_else()
    {
        FileOwnership ownership = New();
        ownership.Take(_a, "vda", [Image(FileNeed.Share)], Guest);
        ownership.Take(_b, "vda", [Image(FileNeed.Share)], Other);
        Assert.Equal("5:6 660 +64001:rw +64003:rw", SeparateUser.Of(_file));
        ownership.Take(_b, "vdb", [Image(FileNeed.Read)], Other);
        ownership.Release(_b, "vda");
        Assert.Equal("5:6 660 +64001:rw +64003:r", SeparateUser.Of(_file));
        Assert.Throws<VirtException>(() => ownership.Take(_b, "vdc", [Image(FileNeed.Write)], Other));
        ownership.Release(_a);
        Assert.Equal("5:6 640 +64003:r", SeparateUser.Of(_file));
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        Assert.Equal("64001:64002 640 +64003:r", SeparateUser.Of(_file));
        Assert.Throws<VirtException>(() => ownership.Take(_b, "vdc", [Image(FileNeed.Share)], Other));
        New().ReleaseUnless(_ => false);
        Assert.Equal("5:6 600", SeparateUser.Of(_file));
        Assert.Empty(Notes());
    }

    [Fact]
    public void An_access_control_list_counts_for_nobody_while_a_guest_alone_has_the_file_and_comes_back()
    {
        const string Before = "5:6 640 +7:r +9:rw";
        using (HostPath file = HostPath.Find(_file)!)
            Assert.Equal(0, FileAcl.Write(file.File, FileAcl.Grant(null, 0x1a0, [(7, UserRights.Read), (9, UserRights.Read | UserRights.Write)])));
        // The mask lets nobody write.
        File.SetUnixFileMode(_file, (UnixFileMode)0x1a0);
        Assert.Equal(Before, SeparateUser.Of(_file));
        FileOwnership ownership = New();
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));
        ownership.Release(_a);
        Assert.Equal(Before, SeparateUser.Of(_file));
        ownership.Take(_a, "vda", [Image(FileNeed.Share)], Guest);
        // A wider mask gives no other user more than before.
        Assert.Equal("5:6 660 +7:r +9:r +64001:rw", SeparateUser.Of(_file));
        ownership.Release(_a);
        Assert.Equal(Before, SeparateUser.Of(_file));
    }

    [Fact]
    public void What_everybody_may_write_is_one_guests_alone_where_guests_have_users_of_their_own()
    {
        File.SetUnixFileMode(_file, (UnixFileMode)0x1b6);
        FileOwnership ownership = New();
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest with { IsOwn = true });
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));
        ownership.Release(_a);
        Assert.Equal("5:6 666", SeparateUser.Of(_file));
    }

    [Fact]
    public void What_the_storage_lets_nobody_give_away_is_used_by_the_rights_that_there_are()
    {
        File.SetUnixFileMode(_file, (UnixFileMode)0x1b6);
        Assert.SkipUnless(Attribute("+a"), "this file system keeps no attributes of chattr(1)");
        try
        {
            // As on NFS: root itself cannot change owner or mode.
            FileOwnership ownership = New();
            ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest with { IsOwn = true });
            Assert.Equal("5:6 666", SeparateUser.Of(_file));
            Assert.False(ownership.Has(_a));
            Assert.Empty(Notes());
            Attribute("-a");
            File.SetUnixFileMode(_file, (UnixFileMode)0x180);
            Attribute("+a");
            Assert.ThrowsAny<Exception>(() => ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest with { IsOwn = true }));
        }
        finally
        {
            Attribute("-a");
        }
    }

    [Fact]
    public void A_note_of_an_older_daemon_which_let_read_by_the_group_is_followed()
    {
        New().Take(_a, "vda", [Image(FileNeed.Read)], Guest);
        string note = Assert.Single(Notes());
        File.WriteAllText(note, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(note), @",\s*""Acl"": null|""Acl"": null,\s*", ""));
        Assert.DoesNotContain("Acl", File.ReadAllText(note), StringComparison.Ordinal);
        using (HostPath file = HostPath.Find(_file)!)
            Assert.Equal(0, new FileOwnerState(5, Guest.Group, 0x1a0, null).Set(file.File));
        FileOwnership ownership = New();
        ownership.Take(_b, "vda", [Image(FileNeed.Read)], Other);
        Assert.Equal("5:6 640 +64001:r +64003:r", SeparateUser.Of(_file));
        ownership.Release(_b);
        ownership.Release(_a);
        Assert.Equal("5:6 600", SeparateUser.Of(_file));

        ownership.Take(_a, "vda", [Image(FileNeed.Read)], Guest);
        using (HostPath file = HostPath.Find(_file)!)
            Assert.Equal(0, new FileOwnerState(5, Guest.Group, 0x1a0, null).Set(file.File));
        ownership.Release(_a);
        Assert.Equal("5:6 600", SeparateUser.Of(_file));
    }

    [Fact]
    public void A_file_that_was_left_to_an_id_of_guests_goes_to_root()
    {
        SeparateUser.Own(_file, 64007, 64007);
        FileOwnership ownership = New(guests: new UserIdRange(64000, 100));
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        ownership.Release(_a);
        Assert.Equal("0:0 600", SeparateUser.Of(_file));
    }

    [Fact]
    public void What_the_user_may_do_already_is_left_alone()
    {
        File.SetUnixFileMode(_file, (UnixFileMode)0x1a4);
        FileOwnership ownership = New();
        ownership.Take(_a, "vda", [Image(FileNeed.Read)], Guest);
        Assert.Equal("5:6 644", SeparateUser.Of(_file));
        Assert.Empty(Notes());
    }

    [Fact]
    public void Each_device_of_a_guest_holds_for_itself_and_keeps_what_it_is_told_to()
    {
        string second = Path.Combine(_folder, "second");
        File.WriteAllText(second, "");
        SeparateUser.Own(second, 5, 6);
        FileOwnership ownership = New();
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        ownership.Take(_a, "vdb", [Image(FileNeed.Write), new GuestFile("second", second, FileNeed.Write)], Guest);
        ownership.Release(_a, "vda");
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));
        ownership.Release(_a, "vdb", new HashSet<string> { second });
        Assert.Equal("5:6 600", SeparateUser.Of(_file));
        Assert.Equal("64001:64002 600", SeparateUser.Of(second));
        ownership.Release(_a);
        Assert.Equal("5:6 600", SeparateUser.Of(second));
    }

    [Fact]
    public void Another_daemon_hands_back_what_belongs_to_no_guest_that_runs()
    {
        New().Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        FileOwnership next = New();
        next.ReleaseUnless(domain => domain == _a);
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));
        next.ReleaseUnless(_ => false);
        Assert.Equal("5:6 600", SeparateUser.Of(_file));
        Assert.Empty(Notes());
    }

    [Fact]
    public void After_a_restart_of_the_host_files_are_found_by_their_paths()
    {
        New().Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        string note = Assert.Single(Notes());
        string text = File.ReadAllText(note);
        File.WriteAllText(note, System.Text.RegularExpressions.Regex.Replace(
            text.Replace(ProcessIdentity.CurrentBootId, "another boot", StringComparison.Ordinal), "\"Device\": \\d+", "\"Device\": 99"));
        New().ReleaseUnless(_ => false);
        Assert.Equal("5:6 600", SeparateUser.Of(_file));
    }

    [Fact]
    public void A_file_that_took_the_name_of_one_or_whose_owner_was_changed_meanwhile_is_left_alone()
    {
        FileOwnership ownership = New();
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        File.Move(_file, _file + ".old");
        File.WriteAllText(_file, "another");
        SeparateUser.Own(_file, 64001, 64002);
        ownership.Release(_a);
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));

        SeparateUser.Own(_file, 5, 6);
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        SeparateUser.Own(_file, 9, 9);
        ownership.Release(_a);
        Assert.Equal("9:9 600", SeparateUser.Of(_file));
    }

    [Fact]
    public void Two_users_cannot_both_write_a_file()
    {
        FileOwnership ownership = New();
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        VirtException inUse = Assert.Throws<VirtException>(() => ownership.Take(_b, "vda", [Image(FileNeed.Write)], Other));
        Assert.Contains("64001", inUse.Message, StringComparison.Ordinal);
        ownership.Release(_b);
        Assert.Equal("64001:64002 600", SeparateUser.Of(_file));
    }

    [Fact]
    public void Without_dynamic_ownership_nothing_is_changed_and_the_error_says_what_is_missing()
    {
        FileOwnership ownership = New(new QemuConfig { DynamicOwnership = false });
        VirtException denied = Assert.Throws<VirtException>(() => ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest));
        Assert.Contains("'guest', who cannot write the image", denied.Message, StringComparison.Ordinal);
        Assert.Equal("5:6 600", SeparateUser.Of(_file));
    }

    [Fact]
    public void Owners_that_are_not_remembered_give_way_to_root()
    {
        FileOwnership ownership = New(new QemuConfig { RememberOwner = false });
        ownership.Take(_a, "vda", [Image(FileNeed.Write)], Guest);
        ownership.Release(_a);
        Assert.Equal("0:0 600", SeparateUser.Of(_file));
    }

    [Fact]
    public void A_folder_that_keeps_the_user_out_is_named()
    {
        string closed = Directory.CreateDirectory(Path.Combine(_folder, "closed", "inner")).Parent!.FullName;
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string inside = Path.Combine(closed, "inner", "image");
        File.Move(_file, inside);
        VirtException denied = Assert.Throws<VirtException>(() => New().Take(_a, "vda", [new GuestFile("disk vda", inside, FileNeed.Write)], Guest));
        Assert.Contains($"the folder '{closed}' does not let pass", denied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_folder_is_removed_without_following_what_a_guest_put_there()
    {
        string run = Path.Combine(_folder, "run"), victim = Directory.CreateDirectory(Path.Combine(_folder, "victim")).FullName;
        File.WriteAllText(Path.Combine(victim, "kept"), "");
        RunFolder.Make(run, Guest);
        Assert.Equal((Guest.User, Guest.Group), RunFolder.OwnerOf(run));
        string inner = Directory.CreateDirectory(Path.Combine(RunFolder.OwnOf(run), "deep", "deeper")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(inner, "link"), victim);
        File.CreateSymbolicLink(Path.Combine(RunFolder.OwnOf(run), "file"), Path.Combine(victim, "kept"));
        SeparateUser.Own(Path.GetDirectoryName(inner)!, Guest.User, Guest.Group);
        RunFolder.Delete(run);
        Assert.False(Directory.Exists(run));
        Assert.True(File.Exists(Path.Combine(victim, "kept")));
        Assert.StartsWith("0:0 ", SeparateUser.Of(victim), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private FileOwnership New(QemuConfig? config = null, UserIdRange? guests = null)
    {
        var ownership = new FileOwnership(config ?? new QemuConfig(), new OwnerStore(Path.Combine(_folder, "notes"), NullLogger.Instance), [], NullLogger.Instance, guests);
        ownership.Load();
        return ownership;
    }

    private bool Attribute(string change)
    {
        using var chattr = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("chattr", [change, _file]) { RedirectStandardError = true })!;
        chattr.WaitForExit();
        return chattr.ExitCode == 0;
    }

    private string[] Notes() => Directory.GetFiles(Path.Combine(_folder, "notes"));

    private GuestFile Image(FileNeed need) => new("image", _file, need);
}
