using System.Management.Automation;
using Virt.Connections;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class UserPromptTests
{
    private readonly LabScreen _screen = new();

    [Theory]
    [InlineData("Yes", "yes")]
    [InlineData("No", null)]
    [InlineData("", null)]
    public void A_hosts_key_is_a_choice(string choice, string? expected)
    {
        _screen.Choose = words => words == "Is it right?" ? choice : throw new InvalidOperationException(words);
        Assert.Equal(expected, Ask(CredentialKind.Confirmation, "Is it right?")?.Single());
    }

    [Fact]
    public void A_passphrase_is_typed_unseen()
    {
        _screen.Type = () => "open sesame";
        Assert.Equal("open sesame", Ask(CredentialKind.Passphrase, "Enter passphrase:")!.Single());
        Assert.Equal("Enter passphrase: ", _screen.Written);
        _screen.Type = () => "";
        Assert.Null(Ask(CredentialKind.Passphrase, "Enter passphrase:"));
    }

    [Fact]
    public void A_password_is_a_credential()
    {
        _screen.Identify = _ => Made.Credential("ann", "secret");
        Assert.Equal("secret", Ask(CredentialKind.Password, "Password:")!.Single());
    }

    [Fact]
    public void Without_a_user_the_error_has_the_question()
    {
        VirtException error = Assert.ThrowsAny<VirtException>(() => Ask(CredentialKind.Confirmation, "Is it right?"));
        Assert.Equal(VirtErrorCode.AuthenticationCancelled, error.Code);
        Assert.Contains("Is it right?", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
    }

    private string[]? Ask(CredentialKind kind, string prompt) => UserPrompt.Ask(_screen, [new CredentialRequest(kind, prompt)]);
}
