using System.Diagnostics;
using Virt.Connections;
using Virt.Domains;
using Virt.Tests.Daemon.Rpc.Audit;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A real virtd and another user of the machine, whose groups decide what it may do. Needs root, to become that user.</summary>
public sealed class SecondUserTests
{
    private const string Config = """
        {
          // Everyone may open the socket; the rules say what for.
          "unix": { "mode": "0666" },
          "access": {
            "rules": [
              { "unixGroups": ["games"], "role": "operator" },
              { "unixUsers": ["daemon"], "role": "none" }
            ],
            "default": "viewer"
          }
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_groups_of_another_user_decide_and_the_audit_log_tells()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs root and setpriv, to become another user");
        Assert.SkipUnless(File.Exists("/usr/bin/python3") && Directory.Exists("/usr/lib/python3/dist-packages/msgpack"), "python3-msgpack is not installed");
        string scripts = Directory.CreateTempSubdirectory("virt-client-").FullName;
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: Config);
        try
        {
            Share(daemon.Root);
            Share(scripts);
            foreach (string script in (string[])["list_domains.py", "control_domain.py"])
                File.Copy(Path.Combine(AppContext.BaseDirectory, script), Path.Combine(scripts, script));
            await using VirtConnection own = await daemon.ConnectAsync("test:///default");
            DomainRecord domain = await own.Hypervisor.GetDomainByNameAsync("test", Cancel);

            (int viewer, _, string denial) = await SuspendAsync("nobody", "--clear-groups");
            Assert.NotEqual(0, viewer);
            Assert.Contains("error 88: SuspendDomain needs the access class Control, which uid 65534 has not", denial, StringComparison.Ordinal);
            Assert.Equal(DomainState.Running, (await own.Hypervisor.GetDomainByNameAsync("test", Cancel)).State);

            (int none, _, denial) = await SuspendAsync("daemon", "--clear-groups");
            Assert.NotEqual(0, none);
            Assert.Contains("needs the access class Read, which uid 1 has not", denial, StringComparison.Ordinal);

            (int member, string output, string error) = await SuspendAsync("nobody", "--groups=games");
            Assert.True(member == 0, error);
            Assert.Equal("paused", output.Trim());

            Assert.Equal(0, await daemon.StopAsync());
            string[] calls = [.. (await File.ReadAllLinesAsync(Path.Combine(daemon.Root, "var/log/virt/audit.log"), Cancel)).Where(line => line.Contains("op=SuspendDomain", StringComparison.Ordinal))];
            Assert.Equal(["denied", "success"], calls.Select(line => AuditFields.Value(line, "res")));
            Assert.All(calls, line => Assert.Equal("\"uid 65534\"", AuditFields.Value(line, "id")));
            Assert.All(calls, line => Assert.Equal(domain.Uuid.ToString(), AuditFields.Value(line, "uuid")));
            Assert.Equal("\"test\"", AuditFields.Value(calls[1], "name"));
        }
        finally
        {
            Directory.Delete(scripts, recursive: true);
        }

        Task<(int, string, string)> SuspendAsync(string user, string groups) => VirtdProcess.RunAsync(new ProcessStartInfo(
            "/usr/bin/setpriv",
            [$"--reuid={user}", "--regid=nogroup", groups, "/usr/bin/python3", Path.Combine(scripts, "control_domain.py"), daemon.Socket, "test:///default", "suspend", "test"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        });
    }

    [Fact]
    public async Task The_command_line_tells_what_a_user_may_do()
    {
        string root = Directory.CreateTempSubdirectory("virt-access-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "etc/virt"));
            await File.WriteAllTextAsync(Path.Combine(root, "etc/virt/virtd.json"), Config, Cancel);
            (int exitCode, string output, string error) = await VirtdProcess.RunAsync(VirtdProcess.Command("access", "check", "games", "--root", root));
            Assert.True(exitCode == 0, error);
            Assert.Equal("uid 5: Read, Control, Console, Agent (the role operator of access.rules[0])", output.Trim());
            (_, output, _) = await VirtdProcess.RunAsync(VirtdProcess.Command("access", "check", "bob", "--password", "--root", root));
            Assert.Equal("bob: Read (the role viewer of access.default)", output.Trim());
            (exitCode, _, error) = await VirtdProcess.RunAsync(VirtdProcess.Command("access", "check", "no-such-user", "--root", root));
            Assert.Equal(1, exitCode);
            Assert.Contains("no user 'no-such-user'", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Share(string folder) => File.SetUnixFileMode(
        folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
}
