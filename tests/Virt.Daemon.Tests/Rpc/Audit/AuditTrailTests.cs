using Virt.Connections;
using Virt.Daemon.Rpc;
using Virt.Daemon.Rpc.Audit;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Tests.Daemon.Rpc.Audit;

/// <summary>What the audit log of a daemon says, and what it does not.</summary>
public sealed class AuditTrailTests
{
    private static readonly Guid Uuid = FakeHypervisor.Domain.Uuid;

    [Fact]
    public async Task Each_change_is_a_line_with_who_what_on_which_and_how_it_ended()
    {
        string[] lines = await RunAsync(async (world, client) =>
        {
            var driver = new HypervisorDriverStub(client);
            await driver.SuspendDomainAsync(Uuid, world.Time);
            await driver.GetHostAsync(world.Time);
            await Assert.ThrowsAnyAsync<VirtException>(() => driver.UndefineDomainAsync(Uuid, UndefineOptions.None, world.Time).AsTask());
        });

        Assert.Equal(2, lines.Length);
        Assert.Equal("VIRT_CALL", AuditFields.Value(lines[0], "type"));
        Assert.Equal("SuspendDomain", AuditFields.Value(lines[0], "op"));
        Assert.Equal("Control", AuditFields.Value(lines[0], "needs"));
        Assert.Equal("memory", AuditFields.Value(lines[0], "transport"));
        Assert.Equal("\"this process\"", AuditFields.Value(lines[0], "peer"));
        Assert.Equal("unix", AuditFields.Value(lines[0], "auth"));
        Assert.Equal($"\"uid {UnixCredentials.OwnUserId}\"", AuditFields.Value(lines[0], "id"));
        Assert.Equal("\"fake:///system\"", AuditFields.Value(lines[0], "uri"));
        Assert.Equal("domain", AuditFields.Value(lines[0], "obj"));
        Assert.Equal("\"one\"", AuditFields.Value(lines[0], "name"));
        Assert.Equal(Uuid.ToString(), AuditFields.Value(lines[0], "uuid"));
        Assert.Equal("success", AuditFields.Value(lines[0], "res"));
        Assert.Matches("^[0-9]+[.][0-9]{3}$", AuditFields.Value(lines[0], "ms")!);
        Assert.Equal("UndefineDomain", AuditFields.Value(lines[1], "op"));
        Assert.Equal(Uuid.ToString(), AuditFields.Value(lines[1], "uuid"));
        Assert.Equal("failed", AuditFields.Value(lines[1], "res"));
        Assert.Equal("InternalError", AuditFields.Value(lines[1], "err"));
    }

    [Fact]
    public async Task A_denied_call_is_a_line_and_its_arguments_forge_nothing()
    {
        const string Path = "/x\" res=success\ntype=VIRT_CALL msg=audit(1.000:1): op=DeleteImage res=success name=\"";
        string[] lines = await RunAsync(
            async (world, client) =>
            {
                await Assert.ThrowsAsync<VirtAccessDeniedException>(() => new StorageDriverStub(client).DeleteImageAsync(Path, world.Time).AsTask());
                await Assert.ThrowsAsync<VirtAccessDeniedException>(
                    () => new HypervisorDriverStub(client).GetDomainXmlAsync(Uuid, XmlOptions.Secure, world.Time).AsTask());
            },
            readOnly: true);

        Assert.Equal(2, lines.Length);
        Assert.Equal("DeleteImage", AuditFields.Value(lines[0], "op"));
        Assert.Equal("image", AuditFields.Value(lines[0], "obj"));
        Assert.Equal("denied", AuditFields.Value(lines[0], "res"));
        Assert.Equal("OperationDenied", AuditFields.Value(lines[0], "err"));
        Assert.Single(AuditFields.Of(lines[0]), field => field.Key == "res");
        Assert.Equal("GetDomainXml", AuditFields.Value(lines[1], "op"));
        Assert.Equal("Read,Secret", AuditFields.Value(lines[1], "needs"));
        Assert.Equal(Uuid.ToString(), AuditFields.Value(lines[1], "uuid"));
    }

    [Fact]
    public async Task No_XML_and_no_secret_is_written()
    {
        string[] lines = await RunAsync(async (world, client) =>
        {
            await Assert.ThrowsAnyAsync<VirtException>(
                () => new SecretDriverStub(client).SetSecretValueAsync(Uuid, "hunter2"u8.ToArray(), world.Time).AsTask());
            await Assert.ThrowsAnyAsync<VirtException>(
                () => new HypervisorDriverStub(client).DefineDomainAsync("<domain passwd='hunter2'/>", DefineOptions.None, world.Time).AsTask());
        }, module: new TripwireModule());

        Assert.Equal(["SetSecretValue", "DefineDomain"], lines.Select(line => AuditFields.Value(line, "op")));
        Assert.Equal("secret", AuditFields.Value(lines[0], "obj"));
        Assert.Equal(Uuid.ToString(), AuditFields.Value(lines[0], "uuid"));
        Assert.All(lines, line => Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain("<domain", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failed_and_successful_authentications_are_lines()
    {
        await using TestDaemon world = new(audit: static (path, loggers) => new AuditLog(path, loggers));
        await world.Users.AddAsync(TestDaemon.User, TestDaemon.Password, world.Time);
        await Assert.ThrowsAsync<VirtException>(() => world.OpenInMemoryAsync(mustAuthenticate: true, auth: Credentials("wrong")));
        await using (await world.OpenInMemoryAsync(mustAuthenticate: true, auth: Credentials(TestDaemon.Password)))
        {
        }

        await world.Server.Audit.DisposeAsync();
        string[] lines = await File.ReadAllLinesAsync(world.AuditPath, world.Time);
        Assert.Equal(["failed", "success"], lines.Select(line => AuditFields.Value(line, "res")));
        Assert.All(lines, line => Assert.Equal(("VIRT_AUTH", "\"user\""), (AuditFields.Value(line, "type"), AuditFields.Value(line, "acct"))));
        Assert.All(lines, line => Assert.DoesNotContain(TestDaemon.Password, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_was_moved_away_is_begun_anew_and_only_its_owner_may_read_it()
    {
        string folder = Directory.CreateTempSubdirectory("virt-audit-").FullName;
        try
        {
            string path = Path.Combine(folder, "audit.log");
            using (AuditFile file = new(path))
            {
                file.Write("one\n"u8);
                File.Move(path, path + ".1");
                file.Write("two\n"u8);
                File.Delete(path);
                file.Write("three\n"u8);
                await File.WriteAllTextAsync(path + ".new", "rotated\n", TestContext.Current.CancellationToken);
                File.Move(path + ".new", path, overwrite: true);
                file.Write("four\n"u8);
            }

            Assert.Equal("one\n", await File.ReadAllTextAsync(path + ".1", TestContext.Current.CancellationToken));
            Assert.Equal("rotated\nfour\n", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path + ".1"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_full_disk_breaks_no_call_and_is_told_once()
    {
        await using TestDaemon world = new(audit: static (_, loggers) => new AuditLog("/dev/full", loggers));
        await using RemoteDriverConnection connection = await world.OpenInMemoryAsync();
        for (int i = 0; i < 5; i++)
        {
            await connection.Hypervisor.SuspendDomainAsync(Uuid, world.Time);
            if (i == 0)
                await world.Loggers.WaitAsync("The audit log /dev/full cannot be written", world.Time);
        }

        Assert.Equal(5, world.Hypervisor.Changes);
        await world.Server.Audit.DisposeAsync();
        Assert.DoesNotContain(world.Loggers.TakeLines(), line => line.Contains("cannot be written", StringComparison.Ordinal));
    }

    [Fact]
    public void Denials_without_end_are_counted_not_written()
    {
        var burst = new Burst(2, TimeSpan.FromHours(1));
        Assert.True(burst.TryTake(out _));
        Assert.True(burst.TryTake(out _));
        Assert.False(burst.TryTake(out long suppressed));
        Assert.Equal(0, suppressed);
    }

    [Fact]
    public void One_users_noise_hides_no_other_users_denials()
    {
        var time = new StepTime();
        var bursts = new Bursts(2, TimeSpan.FromMinutes(1), time);
        for (int i = 0; i < 1000; i++)
            Assert.Equal(i < 2, bursts.TryTake("uid 1000", out _));
        Assert.True(bursts.TryTake("uid 1001", out _));
        Assert.Equal([("uid 1000", 998L)], bursts.TakeSuppressed());
        Assert.Empty(bursts.TakeSuppressed());
        bursts.TryTake("uid 1000", out _);
        time.Step(TimeSpan.FromMinutes(1));
        Assert.True(bursts.TryTake("uid 1000", out long suppressed));
        Assert.Equal(1, suppressed);
    }

    [Fact]
    public void Names_without_end_share_one_count_and_those_that_fell_silent_make_room()
    {
        var time = new StepTime();
        var bursts = new Bursts(1, TimeSpan.FromMinutes(1), time);
        for (int i = 0; i < Bursts.MostUsers; i++)
            Assert.True(bursts.TryTake($"a{i}", out _));
        Assert.True(bursts.TryTake("one too many", out _));
        Assert.False(bursts.TryTake("and another", out _));
        Assert.Equal([(Bursts.Others, 1L)], bursts.TakeSuppressed());
        time.Step(TimeSpan.FromMinutes(1));
        Assert.True(bursts.TryTake("and another", out _));
        Assert.True(bursts.TryTake("one too many", out _));
    }

    private static ConnectAuth Credentials(string password) => ConnectAuth.FromCredential(TestDaemon.User, password);

    private static async Task<string[]> RunAsync(Func<TestDaemon, RpcClient, Task> calls, bool readOnly = false, IDriverModule? module = null)
    {
        await using TestDaemon world = new(module: module, audit: static (path, loggers) => new AuditLog(path, loggers));
        await using (RpcClient client = new(world.ConnectInMemory(readOnly), new()))
        {
            await new SessionStub(client).OpenAsync("fake:///system", OpenOptions.None, world.Time);
            await calls(world, client);
        }

        await world.Server.Audit.DisposeAsync();
        return await File.ReadAllLinesAsync(world.AuditPath, world.Time);
    }
}
