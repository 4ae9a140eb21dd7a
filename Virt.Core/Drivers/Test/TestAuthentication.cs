using System.Security.Cryptography;
using System.Text;
using Virt.Connections;
using Virt.Errors;

namespace Virt.Drivers.Test;

/// <summary>Asks for a user where the node names users, so that authentication can be tried without a daemon.</summary>
internal static class TestAuthentication
{
    private static readonly CredentialRequest[] UserName = [new(CredentialKind.UserName, "User name for the test host")];
    private static readonly CredentialRequest[] Password = [new(CredentialKind.Password, "Password for the test host")];

    public static async ValueTask CheckAsync(TestNode node, ConnectAuth auth, CancellationToken cancel)
    {
        if (node.Users.Count == 0)
            return;
        string name = await AskAsync(auth, UserName, cancel).ConfigureAwait(false);
        TestUser user = node.Users.FirstOrDefault(user => user.Name == name) ?? throw Failed();
        if (user.Password is null)
            return;
        string password = await AskAsync(auth, Password, cancel).ConfigureAwait(false);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(user.Password)))
            throw Failed();
    }

    private static async ValueTask<string> AskAsync(ConnectAuth auth, CredentialRequest[] questions, CancellationToken cancel) =>
        await auth.Answer(questions, cancel).ConfigureAwait(false) is [var answer, ..] ? answer : throw Failed();

    private static VirtException Failed() => new(
        VirtErrorCode.AuthenticationFailed, "the test host did not accept the user", recommendedAction: "Give a user and password that the node file names.");
}
