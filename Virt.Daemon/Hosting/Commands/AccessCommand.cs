using System.CommandLine;
using Virt.Daemon.Native;
using Virt.Daemon.Rpc;
using Virt.Errors;
using Virt.Terminals;

namespace Virt.Daemon.Hosting.Commands;

/// <summary><c>virtd access</c>: what the configuration lets a client do.</summary>
internal static class AccessCommand
{
    public static Command Create(Func<ParseResult, VirtdOptions> options)
    {
        var name = new Argument<string>("NAME") { Description = "A user of this machine; or what the options say." };
        var password = new Option<bool>("--password") { Description = "NAME is a user of `virtd user`." };
        var certificate = new Option<bool>("--certificate") { Description = "NAME is the distinguished name of a client certificate." };
        var check = new Command("check", "Show the access classes of a user and the rule that gives them.") { name, password, certificate };
        check.SetAction((result, _) => CommandFault.ReportAsync(async () =>
        {
            VirtdOptions given = options(result);
            AccessPolicy policy = given.ReadConfig().Access.Policy(given.ConfigFile);
            string who = result.GetValue(name)!;
            ClientIdentity identity = result.GetValue(password) ? new PasswordIdentity(who)
                : result.GetValue(certificate) ? new CertificateIdentity(who)
                : Unix(who);
            AccessGrant grant = policy.Grant(identity, readOnlySocket: false);
            await Console.Out.WriteLineAsync(VisibleText.Line($"{identity.Name}: {AccessRule.Names(grant.Access)} ({grant.Reason})")).ConfigureAwait(false);
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
