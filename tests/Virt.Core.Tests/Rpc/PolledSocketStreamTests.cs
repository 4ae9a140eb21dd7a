using System.Net;
using System.Net.Sockets;
using Virt.Rpc.Sockets;
using Xunit;

namespace Virt.Tests.Core.Rpc;

/// <summary>The sockets whose readers go on where the kernel's news arrives.</summary>
public sealed class PolledSocketStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_there_is_read_at_once_and_what_comes_later_when_it_comes()
    {
        (NetworkStream stream, Socket peer) = Pair();
        using (stream)
        using (peer)
        {
            byte[] room = new byte[16];
            peer.Send([1, 2, 3]);
            Assert.Equal(3, await stream.ReadAsync(room, Cancel));
            Assert.Equal([1, 2, 3], room[..3]);

            ValueTask<int> later = stream.ReadAsync(room, Cancel);
            Assert.False(later.IsCompleted);
            peer.Send([4]);
            Assert.Equal(1, await later.AsTask().WaitAsync(Patience, Cancel));
            Assert.Equal(4, room[0]);
        }
    }

    [Fact]
    public async Task Much_arrives_whole_and_in_order_in_both_directions()
    {
        (NetworkStream stream, Socket peer) = Pair();
        using var far = new NetworkStream(peer, ownsSocket: true);
        await using (stream)
        {
            byte[] sent = new byte[8 << 20];
            Random.Shared.NextBytes(sent);
            byte[] there = new byte[sent.Length], back = new byte[sent.Length];
            Task write = stream.WriteAsync(sent, Cancel).AsTask();
            await far.ReadExactlyAsync(there, Cancel).AsTask().WaitAsync(Patience, Cancel);
            await write.WaitAsync(Patience, Cancel);
            write = far.WriteAsync(there, Cancel).AsTask();
            await stream.ReadExactlyAsync(back, Cancel).AsTask().WaitAsync(Patience, Cancel);
            await write.WaitAsync(Patience, Cancel);
            Assert.Equal(sent, back);
        }
    }

    [Fact]
    public async Task The_end_of_the_peer_is_a_read_of_nothing()
    {
        (NetworkStream stream, Socket peer) = Pair();
        using (stream)
        {
            ValueTask<int> read = stream.ReadAsync(new byte[1], Cancel);
            peer.Dispose();
            Assert.Equal(0, await read.AsTask().WaitAsync(Patience, Cancel));
            Assert.Equal(0, await stream.ReadAsync(new byte[1], Cancel));
        }
    }

    [Fact]
    public async Task A_connection_that_is_reset_fails_the_read()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var near = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndPoint!, Cancel);
        Socket peer = await listener.AcceptAsync(Cancel);
        using NetworkStream stream = SocketStreams.Over(near);
        Task<int> read = stream.ReadAsync(new byte[1], Cancel).AsTask();
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        IOException error = await Assert.ThrowsAsync<IOException>(() => read.WaitAsync(Patience, Cancel));
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task A_read_ends_with_its_token_and_the_next_one_works()
    {
        (NetworkStream stream, Socket peer) = Pair();
        using (stream)
        using (peer)
        {
            using var end = new CancellationTokenSource();
            Task<int> read = stream.ReadAsync(new byte[1], end.Token).AsTask();
            await end.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Patience, Cancel));

            byte[] room = new byte[1];
            peer.Send([7]);
            Assert.Equal(1, await stream.ReadAsync(room, Cancel).AsTask().WaitAsync(Patience, Cancel));
            Assert.Equal(7, room[0]);
        }
    }

    [Fact]
    public async Task A_read_ends_when_the_stream_is_disposed()
    {
        (NetworkStream stream, Socket peer) = Pair();
        using (peer)
        {
            Task<int> read = stream.ReadAsync(new byte[1], Cancel).AsTask();
            await stream.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => read.WaitAsync(Patience, Cancel));
            Assert.Equal(0, peer.Receive(new byte[1]));
        }
    }

    [Fact]
    public async Task A_read_into_no_room_waits_until_there_is_something()
    {
        (NetworkStream stream, Socket peer) = Pair();
        using (stream)
        using (peer)
        {
            ValueTask<int> ready = stream.ReadAsync(Memory<byte>.Empty, Cancel);
            Assert.False(ready.IsCompleted);
            peer.Send([9]);
            Assert.Equal(0, await ready.AsTask().WaitAsync(Patience, Cancel));
            Assert.Equal(1, await stream.ReadAsync(new byte[4], Cancel));
        }
    }

    [Fact]
    public async Task Two_reads_at_once_are_refused()
    {
        (NetworkStream stream, Socket peer) = Pair();
        using (stream)
        using (peer)
        {
            Task<int> first = stream.ReadAsync(new byte[1], Cancel).AsTask();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.ReadExactlyAsync(new byte[1], Cancel));
            peer.Send([1]);
            Assert.Equal(1, await first.WaitAsync(Patience, Cancel));
        }
    }

    [Fact]
    public async Task Readers_that_hold_their_threads_hold_up_no_other()
    {
        using var release = new ManualResetEventSlim();
        var held = new List<(NetworkStream Stream, Socket Peer, Task Reader)>();
        try
        {
            // More than there are threads that wait for sockets.
            for (int i = 0; i < (2 * Environment.ProcessorCount) + 2; i++)
            {
                (NetworkStream slow, Socket far) = Pair();
                held.Add((slow, far, HoldAsync(slow, release)));
            }

            foreach ((_, Socket far, _) in held)
                far.Send([1]);

            (NetworkStream stream, Socket peer) = Pair();
            using (stream)
            using (peer)
            {
                for (byte i = 0; i < 3; i++)
                {
                    byte[] room = new byte[1];
                    ValueTask<int> read = stream.ReadAsync(room, Cancel);
                    peer.Send([i]);
                    Assert.Equal(1, await read.AsTask().WaitAsync(Patience, Cancel));
                    Assert.Equal(i, room[0]);
                }
            }
        }
        finally
        {
            release.Set();
            foreach ((NetworkStream slow, Socket far, Task reader) in held)
            {
                await reader.WaitAsync(Patience, Cancel);
                await slow.DisposeAsync();
                far.Dispose();
            }
        }

        static async Task HoldAsync(NetworkStream slow, ManualResetEventSlim release)
        {
            await slow.ReadExactlyAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            release.Wait(Patience);
        }
    }

    private static (NetworkStream Stream, Socket Peer) Pair()
    {
        string path = Path.Combine(Path.GetTempPath(), $"virt-{Guid.NewGuid():N}");
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            var near = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            near.Connect(new UnixDomainSocketEndPoint(path));
            return (SocketStreams.Over(near), listener.Accept());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
