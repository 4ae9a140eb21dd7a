using System.Text;
using Virt.Daemon.Rpc;
using Virt.Daemon.Rpc.Authentication;
using Virt.Errors;
using Virt.Remote;
using Virt.Remote.Authentication;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>SCRAM-SHA-256 as the daemon sees it.</summary>
public sealed class AuthenticationTests : IAsyncDisposable
{
    private readonly TestDaemon _world = new();

    private CancellationToken Time => _world.Time;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task The_example_of_RFC_7677()
    {
        byte[] salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");
        byte[] salted = ScramKeys.SaltedPassword("pencil", salt, 4096);
        await File.WriteAllTextAsync(
            _world.Users.FilePath,
            $"4096\t{Convert.ToBase64String(salt)}\t{Convert.ToBase64String(ScramKeys.StoredKey(ScramKeys.ClientKey(salted)))}\t"
            + $"{Convert.ToBase64String(ScramKeys.ServerKey(salted))}\tuser\n",
            Time);
        ScramServer server = new(_world.Users, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
        Assert.Equal(
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            Encoding.UTF8.GetString(await server.ChallengeAsync("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"u8.ToArray(), Time)));
        Assert.Equal(
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            Encoding.UTF8.GetString(server.Finish(
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="u8)));
    }

    [Theory]
    [InlineData("p=tls-unique,,n=user,r=abc")]
    [InlineData("n,a=root,n=user,r=abc")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=us=er,r=abc")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,m=ext,n=user,r=abc")]
    [InlineData("")]
    public async Task A_bad_first_message_is_refused(string message) =>
        await Assert.ThrowsAsync<ScramException>(
            () => new ScramServer(_world.Users).ChallengeAsync(Encoding.UTF8.GetBytes(message), Time).AsTask());

    [Theory]
    [InlineData("c=biws", "c=eSws")] // claims another channel binding than the first message
    [InlineData("r=nonce", "r=other")]
    [InlineData(",p=", ",p=AA")]
    [InlineData(",p=", ",q=")]
    public async Task A_final_message_that_was_tampered_with_is_refused(string what, string with)
    {
        await _world.Users.AddAsync("user", "pencil", Time);
        ScramServer server = new(_world.Users);
        ScramClient client = new("user", "pencil", "nonce");
        byte[] challenge = await server.ChallengeAsync(client.Start(), Time);
        string final = Encoding.UTF8.GetString(client.Prove(challenge));
        Assert.Contains(what, final, StringComparison.Ordinal);
        Assert.Throws<ScramException>(() => server.Finish(Encoding.UTF8.GetBytes(final.Replace(what, with, StringComparison.Ordinal))));
        client.Verify(server.Finish(Encoding.UTF8.GetBytes(final)));
    }

    [Fact]
    public async Task A_user_that_does_not_exist_looks_like_one_that_does()
    {
        await _world.Users.AddAsync("user", "pencil", Time);
        (ScramUser first, bool exists) = await _world.Users.FindAsync("nobody", Time);
        (ScramUser second, _) = await new ScramUsers(_world.Users.FilePath).FindAsync("nobody", Time);
        (ScramUser real, _) = await _world.Users.FindAsync("user", Time);
        Assert.False(exists);
        Assert.Equal(first.Salt, second.Salt);
        Assert.Equal((real.Iterations, real.Salt.Length), (first.Iterations, first.Salt.Length));
    }

    [Fact]
    public async Task Users_are_added_changed_and_removed_in_a_file_of_the_owner_alone()
    {
        await _world.Users.AddAsync("b", "1", Time);
        await _world.Users.AddAsync("a #:=,", "2", Time);
        (ScramUser before, _) = await _world.Users.FindAsync("b", Time);
        await _world.Users.AddAsync("b", "3", Time);
        (ScramUser after, _) = await _world.Users.FindAsync("b", Time);
        Assert.NotEqual(before.StoredKey, after.StoredKey);
        Assert.Equal(["a #:=,", "b"], await _world.Users.ListAsync(Time));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_world.Users.FilePath));
        Assert.True(await _world.Users.RemoveAsync("b", Time));
        Assert.False(await _world.Users.RemoveAsync("b", Time));
        Assert.Equal(["a #:=,"], await _world.Users.ListAsync(Time));
    }

    [Fact]
    public async Task Users_that_are_added_at_once_are_all_there()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => new ScramUsers(_world.Users.FilePath).AddAsync($"u{i}", "p", Time).AsTask()));
        Assert.Equal(16, (await _world.Users.ListAsync(Time)).Count);
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_is_named()
    {
        await File.WriteAllTextAsync(_world.Users.FilePath, "# users\n4096\tAAAA\tshort\n", Time);
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => _world.Users.ListAsync(Time).AsTask());
        Assert.Equal(VirtErrorCode.ConfigurationError, error.Code);
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_failed_tries_are_answered_and_end_the_connection()
    {
        await _world.Users.AddAsync("user", "pencil", Time);
        using RawPeer peer = new(_world.ConnectInMemory(mustAuthenticate: true));
        for (int serial = 1; serial <= 3; serial++)
        {
            await peer.SendAsync(Start(serial, ScramKeys.Mechanism, "garbage"), Time);
            Assert.Equal(VirtErrorCode.AuthenticationFailed, (await peer.ReadErrorAsync(serial, Time)).Code);
        }

        await peer.ReadToEndAsync(Time);
        Assert.Contains("3 failed tries", await _world.Loggers.WaitAsync("disconnected: ", Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mechanism_that_is_not_offered_is_an_error_that_names_those_that_are()
    {
        using RawPeer peer = new(_world.ConnectInMemory(mustAuthenticate: true));
        await peer.SendAsync(Start(1, "PLAIN", "x"), Time);
        Assert.Contains(ScramKeys.Mechanism, (await peer.ReadErrorAsync(1, Time)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_authentication_and_one_where_none_is_needed_are_refused()
    {
        using RawPeer local = new(_world.ConnectInMemory());
        await local.SendAsync(Start(1, ScramKeys.Mechanism, "x"), Time);
        Assert.Equal(VirtErrorCode.OperationInvalid, (await local.ReadErrorAsync(1, Time)).Code);
    }

    [Fact]
    public async Task Steps_at_the_same_time_are_refused()
    {
        await using TestDaemon slow = new(new ServerLimits { AuthenticationDelay = TimeSpan.FromMilliseconds(200) });
        using RawPeer peer = new(slow.ConnectInMemory(mustAuthenticate: true));
        await peer.SendAsync([.. Start(1, ScramKeys.Mechanism, "garbage"), .. Start(2, ScramKeys.Mechanism, "garbage")], Time);
        Assert.Equal(VirtErrorCode.OperationInvalid, (await peer.ReadErrorAsync(2, Time)).Code);
        Assert.Equal(VirtErrorCode.AuthenticationFailed, (await peer.ReadErrorAsync(1, Time)).Code);
    }

    private static byte[] Start(int serial, string mechanism, string data) =>
        RawPeer.Call(RemoteProcedure.StartAuthentication, serial, (ref PackWriter writer) =>
        {
            writer.WriteArrayHeader(2);
            writer.Write(mechanism);
            writer.WriteBinary(Encoding.UTF8.GetBytes(data));
        });
}
