using System.Text;
using Virt.Connections;
using Virt.Errors;
using Virt.Remote;
using Virt.Remote.Authentication;

namespace Virt.Tests.Core.Remote;

public sealed class ScramClientTests
{
    // The example exchange of RFC 7677, section 3.
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ClientFinal =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    [Fact]
    public void The_example_of_the_RFC()
    {
        ScramClient client = new("user", "pencil", Nonce);
        Assert.Equal(ClientFirst, Encoding.UTF8.GetString(client.Start()));
        Assert.Equal(ClientFinal, Encoding.UTF8.GetString(client.Prove(Encoding.UTF8.GetBytes(ServerFirst))));
        client.Verify(Encoding.UTF8.GetBytes(ServerFinal));
    }

    [Theory]
    [InlineData("r=other%nonce,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")] // nothing of the daemon's own
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096")]
    [InlineData("s=W22ZaJ0SNY7soEsUEjb6gQ==,r=rOprNGfwEbeRWgbNEkqOx,i=4096")]
    [InlineData("m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("e=other-error")]
    [InlineData("")]
    public void A_bad_challenge_is_refused(string challenge)
    {
        ScramClient client = new("user", "pencil", Nonce);
        client.Start();
        VirtException error = Assert.Throws<VirtException>(() => client.Prove(Encoding.UTF8.GetBytes(challenge)));
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
    }

    [Theory]
    [InlineData("v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    [InlineData("v=")]
    [InlineData("e=invalid-proof")]
    [InlineData("")]
    public void A_daemon_that_does_not_know_the_password_is_refused(string final)
    {
        ScramClient client = new("user", "pencil", Nonce);
        client.Start();
        client.Prove(Encoding.UTF8.GetBytes(ServerFirst));
        Assert.Throws<VirtException>(() => client.Verify(Encoding.UTF8.GetBytes(final)));
    }

    [Fact]
    public void The_last_message_alone_proves_nothing() =>
        Assert.Throws<VirtException>(() => new ScramClient("user", "pencil", Nonce).Verify(Encoding.UTF8.GetBytes(ServerFinal)));

    [Theory]
    [InlineData("a,b=c", "n,,n=a=2Cb=3Dc,r=x")]
    [InlineData("I\u00adX", "n,,n=IX,r=x")]
    [InlineData("\u2168", "n,,n=IX,r=x")]
    public void Names_are_prepared_and_escaped(string name, string first) =>
        Assert.Equal(first, Encoding.UTF8.GetString(new ScramClient(name, "p", "x").Start()));

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public void Names_that_must_not_be_are_refused(string name) =>
        Assert.Equal(VirtErrorCode.InvalidArgument, Assert.Throws<VirtException>(() => new ScramClient(name, "p")).Code);

    [Fact]
    public void A_name_that_is_no_Unicode_is_refused() =>
        Assert.Equal(VirtErrorCode.InvalidArgument, Assert.Throws<VirtException>(() => new ScramClient("\ud800", "p")).Code);

    [Fact]
    public async Task An_unknown_mechanism_is_an_error_that_names_it()
    {
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => ClientAuthentication.AuthenticateAsync(
            new Handshake(["X-KERBEROS"], new(true, default)), null, ConnectAuth.FromCredential("u", "p"), "t", CancellationToken.None).AsTask());
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
        Assert.Contains("X-KERBEROS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_declares_success_at_once_is_not_believed()
    {
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => ClientAuthentication.AuthenticateAsync(
            new Handshake([ScramKeys.Mechanism], new(true, default)), null, ConnectAuth.FromCredential("u", "p"), "t", CancellationToken.None).AsTask());
        Assert.Equal(VirtErrorCode.AuthenticationFailed, error.Code);
    }

    private sealed class Handshake(IReadOnlyList<string> mechanisms, AuthenticationStep step) : ISession
    {
        public ValueTask<IReadOnlyList<string>> ListAuthenticationAsync(CancellationToken cancel) => ValueTask.FromResult(mechanisms);

        public ValueTask<AuthenticationStep> StartAuthenticationAsync(string mechanism, ReadOnlyMemory<byte> data, CancellationToken cancel) =>
            ValueTask.FromResult(step);

        public ValueTask<AuthenticationStep> StepAuthenticationAsync(ReadOnlyMemory<byte> data, CancellationToken cancel) =>
            ValueTask.FromResult(step);

        public ValueTask<SessionOpened> OpenAsync(string name, OpenOptions options, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask CloseAsync(CancellationToken cancel) => throw new NotSupportedException();
    }
}
