using System.Diagnostics;
using System.Runtime.Versioning;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote.Transports.Ssh;

namespace Virt.Tests.Core.Remote.Ssh;

/// <summary>What reaches the far side's shell, run by a shell with a virtd and a netcat that tell their arguments.</summary>
[SupportedOSPlatform("linux")]
public sealed class RemoteCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virt-shell-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/run/virt/virtd.sock")]
    [InlineData("/run/a b/s")]
    [InlineData("/run/$(touch hacked)")]
    [InlineData("/run/`touch hacked`")]
    [InlineData("/run/x; touch hacked #")]
    [InlineData("/run/x&&touch hacked")]
    [InlineData("/run/x|touch hacked")]
    [InlineData("/run/\"$HOME\"")]
    [InlineData("/run/*?[a]~{b,c}")]
    [InlineData("/run/ü漢")]
    public async Task A_socket_is_one_argument_whatever_it_is_called(string socket)
    {
        string command = RemoteCommand.Create(Request($"qemu+ssh://h/system?socket={Uri.EscapeDataString(socket)}"));
        Assert.Equal($"proxy|--announce|--socket|{socket}|", await RunAsync(command));
        Assert.Empty(Directory.GetFiles(_folder, "hacked*"));
    }

    [Theory]
    [InlineData("nc;touch hacked")]
    [InlineData("$(touch hacked)")]
    [InlineData("a b")]
    public async Task A_netcat_is_one_word(string netcat)
    {
        string command = RemoteCommand.Create(Request($"qemu+ssh://h/system?proxy=netcat&netcat={Uri.EscapeDataString(netcat)}&socket=/no"));
        Assert.Equal("", await RunAsync(command));
        Assert.Empty(Directory.GetFiles(_folder, "hacked*"));
    }

    [Theory]
    [InlineData("socket=a%0Ab")]
    [InlineData("socket=a'b")]
    [InlineData("socket=a%5Cb")]
    [InlineData("socket=a!b")]
    [InlineData("socket=--root=x")]
    [InlineData("netcat=-x")]
    [InlineData("proxy=telnet")]
    public void What_a_shell_could_take_for_its_own_is_refused(string parameter)
    {
        VirtException error = Assert.ThrowsAny<VirtException>(() => RemoteCommand.Create(Request($"qemu+ssh://h/system?{parameter}")));
        Assert.Equal(VirtErrorCode.InvalidArgument, error.Code);
        Assert.NotNull(error.RecommendedAction);
    }

    [Fact]
    public async Task The_session_and_read_only_are_passed_on()
    {
        Assert.Equal("proxy|--announce|--session|", await RunAsync(RemoteCommand.Create(Request("qemu+ssh://h/session"))));
        Assert.Equal("proxy|--announce|--read-only|", await RunAsync(RemoteCommand.Create(Request("qemu+ssh://h/system", OpenOptions.ReadOnly))));
    }

    private static OpenRequest Request(string uri, OpenOptions options = OpenOptions.None) => new(ConnectionUri.Parse(uri), options, ConnectAuth.None);

    private async Task<string> RunAsync(string command)
    {
        string virtd = Path.Combine(_folder, "virtd");
        if (!File.Exists(virtd))
        {
            await File.WriteAllTextAsync(virtd, "#!/bin/sh\nprintf '%s|' \"$@\"\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(virtd, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        ProcessStartInfo start = new("/bin/sh", ["-c", command])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder,
        };
        start.Environment["PATH"] = $"{_folder}:/usr/bin:/bin";
        using Process shell = Process.Start(start)!;
        string output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
