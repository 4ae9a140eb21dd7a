using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Hosting;
using Virt.Daemon.Hosting.Check;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Tests.Daemon.Hosting;

/// <summary>The user ids of guests, as virtd.json has them.</summary>
public sealed class UserIdRangeTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("{}", 0x7f000000u, 65536u)]
    [InlineData("""{ "first": 70000, "count": 3 }""", 70000u, 3u)]
    [InlineData("""{ "count": 10 }""", 0x7f000000u, 10u)]
    [InlineData("\"none\"", 0u, 0u)]
    public void Ids_are_read(string text, uint first, uint count) => Assert.Equal(new UserIdRange(first, count), Read(text));

    [Theory]
    [InlineData("""{ "first": 999 }""", "cannot have")]
    [InlineData("""{ "first": 65000, "count": 1000 }""", "cannot have")]
    [InlineData("""{ "first": 4294967200, "count": 100 }""", "cannot have")]
    [InlineData("""{ "first": 4294967294, "count": 4294967295 }""", "cannot have")]
    [InlineData("""{ "first": 1000000000, "count": 16777217 }""", "cannot have")]
    [InlineData("""{ "first": -1 }""", "not a number")]
    [InlineData("""{ "count": 0 }""", "none")]
    [InlineData("""{ "last": 3 }""", "'last'")]
    [InlineData("\"some\"", "expected")]
    [InlineData("[]", "expected")]
    [InlineData("7", "expected")]
    public void Ids_that_guests_cannot_have_are_refused(string text, string reason)
    {
        VirtException refused = Assert.Throws<VirtException>(() => Read(text));
        Assert.Equal(VirtErrorCode.ConfigurationError, refused.Code);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_ends_and_begins_again()
    {
        var range = new UserIdRange(5000, 3);
        Assert.Equal([5000u, 5001u, 5002u, 5000u], new[] { 0u, 1u, 2u, 3u }.Select(range.At));
        Assert.Equal([false, true, true, false], new[] { 4999u, 5000u, 5002u, 5003u }.Select(range.Has));
        Assert.False(UserIdRange.None.Has(0));
        Assert.True(UserIdRange.Default.Last < int.MaxValue);
    }

    [Fact]
    public void A_user_for_all_and_ids_of_their_own_exclude_each_other()
    {
        File.WriteAllText(_file, """{ "qemu": { "user": "nobody", "userIds": {} } }""");
        Assert.Throws<VirtException>(() => DaemonConfig.Read(_file, mustExist: true));
        File.WriteAllText(_file, """{ "qemu": { "user": "nobody", "userIds": "none" } }""");
        Assert.Equal(UserIdRange.None, DaemonConfig.Read(_file, mustExist: true).Qemu.UserIds);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("         0          0 4294967295\n", true)]
    [InlineData("0 100000 5002\n", false)]
    [InlineData("0 100000 5001\n5001 300000 2\n", true)]
    [InlineData("5001 300000 2\n0 100000 5001\n", true)]
    [InlineData("0 100000 5001\n5002 300000 9\n", false)]
    [InlineData("5001 300000 9\n", false)]
    public void In_a_container_there_may_be_too_few(string map, bool enough) => Assert.Equal(enough, UserMap.Has(new UserIdRange(5000, 3), map));

    [Fact]
    public void The_systems_daemon_has_the_packages_ids_unless_it_is_told_otherwise()
    {
        Assert.Equal(Environment.IsPrivilegedProcess ? UserIdRange.Default : null, new QemuUsers(new QemuConfig(), isSystem: true).Range);
        Assert.Null(new QemuUsers(new QemuConfig(), isSystem: false).Range);
        Assert.Null(new QemuUsers(new QemuConfig { User = "nobody" }, isSystem: true).Range);
        Assert.Null(new QemuUsers(new QemuConfig { UserIds = UserIdRange.None }, isSystem: true).Range);
        var own = new UserIdRange(70000, 3);
        Assert.Equal(own, new QemuUsers(new QemuConfig { UserIds = own }, isSystem: false).Range);
    }

    [Fact]
    public void Others_who_have_some_of_the_ids_are_found()
    {
        string folder = Directory.CreateTempSubdirectory("tables-").FullName;
        try
        {
            File.WriteAllText($"{folder}/passwd", "root:x:0:0:root:/root:/bin/sh\nalice:x:5002:7:::\nbob:x:5003:7:::\n+::::::\n");
            File.WriteAllText($"{folder}/group", "g:x:5000:\nh:x:4999:\nnone\n");
            File.WriteAllText($"{folder}/subuid", "carol:4000:1000\ndave:4000:1001\nerin:5003:9\nmallory:x:-1\n");
            Assert.Equal([$"{folder}/passwd: alice", $"{folder}/group: g", $"{folder}/subuid: dave"], UserIdTables.Entries(new UserIdRange(5000, 3), folder));
            Assert.Empty(UserIdTables.Entries(UserIdRange.Default, folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose() => File.Delete(_file);

    private UserIdRange? Read(string text)
    {
        File.WriteAllText(_file, $$"""{ "qemu": { "userIds": {{text}} } }""");
        return DaemonConfig.Read(_file, mustExist: true).Qemu.UserIds;
    }
}
