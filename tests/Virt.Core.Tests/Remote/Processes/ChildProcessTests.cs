using System.Globalization;
using System.Runtime.Versioning;
using Virt.Errors;
using Virt.Remote.Transports.Processes;

namespace Virt.Tests.Core.Remote.Processes;

/// <summary>Both ways to have a child hold the same.</summary>
[SupportedOSPlatform("linux")]
public sealed class ChildProcessTests : IDisposable
{
    private readonly CancellationTokenSource _time = new(TimeSpan.FromSeconds(120));

    public void Dispose() => _time.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bytes_go_both_ways(bool portable)
    {
        await using ProcessStream stream = Open(portable, "exec cat", out _);
        byte[] sent = new byte[4 << 20], received = new byte[sent.Length];
        Random.Shared.NextBytes(sent);
        Task writing = stream.WriteAsync(sent, _time.Token).AsTask();
        await stream.ReadExactlyAsync(received, _time.Token);
        await writing;
        Assert.Equal(sent, received);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_end_is_an_error_with_its_last_words(bool portable)
    {
        await using ProcessStream stream = Open(portable, "echo one >&2; printf '\\033[31mtwo' >&2; exit 7", out ChildProcess child);
        ProcessEndedException error = await Assert.ThrowsAsync<ProcessEndedException>(() => stream.ReadAsync(new byte[1], _time.Token).AsTask());
        Assert.Equal(7, error.ExitCode);
        Assert.Equal("one\n\\u001b[31mtwo", error.ErrorText);
        Assert.Equal(7, await child.Exited);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Much_on_standard_error_neither_blocks_it_nor_is_all_kept(bool portable)
    {
        await using ProcessStream stream = Open(portable, "head -c 1000000 /dev/zero | tr '\\0' x >&2; echo last >&2; echo done", out _);
        byte[] done = new byte[5];
        await stream.ReadExactlyAsync(done, _time.Token);
        ProcessEndedException error = await Assert.ThrowsAsync<ProcessEndedException>(() => stream.ReadAsync(done, _time.Token).AsTask());
        Assert.EndsWith("xlast", error.ErrorText, StringComparison.Ordinal);
        Assert.InRange(error.ErrorText.Length, 5, 8192);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_ignores_everything_is_killed_and_reaped(bool portable)
    {
        ProcessStream stream = Open(portable, "trap '' TERM HUP; echo x; while :; do sleep 1000; done", out ChildProcess child);
        await stream.ReadExactlyAsync(new byte[2], _time.Token);
        int id = child.Id;
        await stream.DisposeAsync();
        await child.Exited.WaitAsync(_time.Token);
        Assert.False(Directory.Exists($"/proc/{id}"));
    }

    [Fact]
    public async Task It_leads_a_session_of_its_own_and_inherits_nothing()
    {
        // The field behind the parent's id and the group's is the session's.
        await using ProcessStream stream = Open(portable: false, "cut -d' ' -f6 /proc/$$/stat; ls /proc/$$/fd | tr '\\n' ,; echo", out ChildProcess child);
        using StreamReader reader = new(stream);
        Assert.Equal(child.Id.ToString(CultureInfo.InvariantCulture), await reader.ReadLineAsync(_time.Token));
        Assert.Equal("0,1,2,", await reader.ReadLineAsync(_time.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_no_program_is_an_error(bool portable)
    {
        VirtException error = Assert.ThrowsAny<VirtException>(() => Start(portable, "/etc/passwd", []));
        Assert.Contains("/etc/passwd", error.Message, StringComparison.Ordinal);
    }

    private static ProcessStream Open(bool portable, string script, out ChildProcess child)
    {
        child = Start(portable, "/bin/sh", ["-c", script]);
        return new ProcessStream("sh", child, ErrorOutput.Read(child.Error));
    }

    private static ChildProcess Start(bool portable, string program, string[] arguments) =>
        portable ? PortableChildProcess.Start(program, arguments, []) : PosixChildProcess.Start(program, arguments, []);
}
