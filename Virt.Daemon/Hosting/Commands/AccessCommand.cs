using System.CommandLine;
using Virt.Daemon.Native;
using Virt.Daemon.Rpc;
using Virt.Errors;

namespace Virt.Daemon.Hosting.Commands;

/// <summary><c>virtd access</c>: what the configuration lets a client do.</summary>
internal static class AccessCommand
{
    public static Command Create(Func<ParseResult, VirtdOptions> options)
    {
        var name = new Argument<string>("NAME") { Description = "A user of this machine; with --password, a user of `virtd user`." };
        var password = new Option<bool>("--password") { Description = "NAME is a user of `virtd user`." };
        var check = new Command("check", "Show the access classes of a user and the rule that gives them.") { name, password };
        check.SetAction((result, _) => CommandFault.ReportAsync(async () =>
        {
            VirtdOptions given = options(result);
            AccessPolicy policy = given.ReadConfig().Access.Policy(given.ConfigFile);
            ClientIdentity identity = result.GetValue(password) ? new PasswordIdentity(result.GetValue(name)!) : Unix(result.GetValue(name)!);
            AccessGrant grant = policy.Grant(identity, readOnlySocket: false);
            await Console.Out.WriteLineAsync($"{identity.Name}: {AccessRule.Names(grant.Access)} ({grant.Reason})").ConfigureAwait(false);
            return 0;
        }));
        return new Command("access", "What the configuration lets a client do.") { check };
    }

    private static UnixIdentity Unix(string name)
    {
        Account account = Accounts.FindUser(name) ?? throw new VirtException(
            VirtErrorCode.InvalidArgument, $"this host has no user '{name}'", name, "Name a user of this machine, or add --password for one of virtd's own.");
        return new(account.User) { GroupIds = Accounts.GroupsOf(account.Name, account.Group) };
    }
}
