using System.CommandLine;
using Virt.Daemon.Rpc.Authentication;
using Virt.Errors;
using Virt.Terminals;

namespace Virt.Daemon.Hosting.Commands;

/// <summary><c>virtd user</c>: who may connect over tcp.</summary>
internal static class UserCommand
{
    public static Command Create(Func<ParseResult, VirtdOptions> options)
    {
        var name = new Argument<string>("NAME") { Description = "The user's name." };
        ScramUsers Users(ParseResult result) => new(options(result).UsersFile);

        var add = new Command("add", "Add a user, or give one a new password. The password is asked for, or read from standard input.") { name };
        add.SetAction((result, cancel) => CommandFault.ReportAsync(async () =>
        {
            string user = result.GetValue(name)!;
            options(result).Directories.Create(shared: false);
            await Users(result).AddAsync(user, await PasswordAsync(user, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
            return 0;
        }));

        var remove = new Command("remove", "Remove a user.") { name };
        remove.SetAction((result, cancel) => CommandFault.ReportAsync(async () =>
            await Users(result).RemoveAsync(result.GetValue(name)!, cancel).ConfigureAwait(false)
                ? 0
                : throw new VirtException(
                    VirtErrorCode.InvalidArgument, $"there is no user '{result.GetValue(name)}'", recommendedAction: "virtd user list shows them.")));

        var list = new Command("list", "List the users.");
        list.SetAction((result, cancel) => CommandFault.ReportAsync(async () =>
        {
            foreach (string user in await Users(result).ListAsync(cancel).ConfigureAwait(false))
                await Console.Out.WriteLineAsync(VisibleText.Line(user)).ConfigureAwait(false);
            return 0;
        }));
        return new Command("user", "Who may connect over tcp, or over TLS without a certificate.") { add, remove, list };
    }

    private static async Task<string> PasswordAsync(string user, CancellationToken cancel)
    {
        if (Console.IsInputRedirected)
        {
            return await Console.In.ReadLineAsync(cancel).ConfigureAwait(false) is { Length: > 0 } line
                ? line
                : throw new VirtException(VirtErrorCode.InvalidArgument, "standard input has no password");
        }

        string password = SecretPrompt.Read($"Password for {user}: ");
        return password == SecretPrompt.Read("Once more: ")
            ? password
            : throw new VirtException(VirtErrorCode.InvalidArgument, "the two passwords differ", recommendedAction: "Try again.");
    }
}
