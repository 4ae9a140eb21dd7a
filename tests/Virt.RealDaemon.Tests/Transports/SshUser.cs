using System.Security.Cryptography;

namespace Virt.Tests.Daemon.Transports;

/// <summary>A user of this machine with a password, for as long as a test runs; only root can make one.</summary>
internal sealed class SshUser : IAsyncDisposable
{
    private SshUser(string name, string password) => (Name, Password) = (name, password);

    public string Name { get; }

    public string Password { get; }

    public static async Task<SshUser> CreateAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make a user with a password");
        SshUser user = new($"virt{RandomNumberGenerator.GetHexString(8, lowercase: true)}", RandomNumberGenerator.GetHexString(32));
        await Programs.RunAsync("useradd", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/sh", user.Name);
        await Programs.RunAsync("chpasswd", [], $"{user.Name}:{user.Password}\n");
        return user;
    }

    // Its processes end with the connection, a moment later.
    public async ValueTask DisposeAsync() => await Programs.RunAsync("userdel", "--force", Name);
}
