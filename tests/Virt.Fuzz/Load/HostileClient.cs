using System.Net;
using System.Net.Sockets;
using Virt.Fuzz.Targets;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Fuzz.Load;

/// <summary>A client that does what none should, over and over, by unix or by tcp.</summary>
internal sealed class HostileClient(LoadDaemon daemon, int number)
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    /// <summary>The ways to be hostile.</summary>
    public const int Kinds = 9;

    /// <summary>How often it has connected.</summary>
    public int Connections { get; private set; }

    /// <summary>Does it until told to stop; being cut off is a reason to come back.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var random = new Random(number);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using Socket socket = await ConnectAsync(number % 3 == 0, stop);
                Connections++;
                await AttackAsync(socket, number % Kinds, random, stop);
            }
            catch (Exception cut) when (cut is SocketException or OperationCanceledException)
            {
                // Cut off, or over.
            }

            await Task.Delay(Breath, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Socket> ConnectAsync(bool tcp, CancellationToken stop)
    {
        EndPoint to = tcp ? IPEndPoint.Parse(daemon.Tcp) : new UnixDomainSocketEndPoint(daemon.Socket);
        var socket = new Socket(to.AddressFamily, SocketType.Stream, tcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(to, stop);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task AttackAsync(Socket socket, int kind, Random random, CancellationToken stop)
    {
        byte[] open = Wire.Open(1);
        switch (kind)
        {
            case 0: // garbage
                byte[] garbage = new byte[4096];
                random.NextBytes(garbage);
                await SendAsync(socket, garbage, stop);
                await UntilCutAsync(socket, stop);
                break;
            case 1: // a byte a second
                foreach (byte one in open)
                {
                    await SendAsync(socket, new[] { one }, stop);
                    await Task.Delay(TimeSpan.FromSeconds(1), stop);
                }

                break;
            case 2: // half a frame, and then nothing
                await SendAsync(socket, open[..^3], stop);
                await UntilCutAsync(socket, stop);
                break;
            case 3: // a great length, and what comes of it
                await SendAsync(socket, (byte[])[0x01, 0xff, 0xff, 0xff, .. new byte[64 * 1024]], stop);
                await UntilCutAsync(socket, stop);
                break;
            case 4: // comes and goes
                break;
            case 5: // asks for much and reads nothing
                await SendAsync(socket, open, stop);
                for (int serial = 2; !stop.IsCancellationRequested; serial++)
                    await SendAsync(socket, Call(RemoteProcedure.ListDomains, serial), stop);
                break;
            case 6: // calls what is not there
                for (int serial = 2; !stop.IsCancellationRequested; serial++)
                    await SendAsync(socket, Wire.Call(new(RemoteProgram.Number, 1, 9999), serial, [0x90]), stop);
                break;
            case 7: // subscribes and subscribes
                await SendAsync(socket, open, stop);
                for (int serial = 2; !stop.IsCancellationRequested; serial++)
                    await SendAsync(socket, Call(RemoteProcedure.SubscribeDomainEvents, serial), stop);
                break;
            default: // 20 MiB of arguments, all but the last byte
                await SendAsync(socket, (byte[])[0x01, 0x40, 0x00, 0x00], stop);
                byte[] block = new byte[256 * 1024];
                for (int sent = 0; sent < 20 * 1024 * 1024; sent += block.Length)
                    await SendAsync(socket, block, stop);
                await UntilCutAsync(socket, stop);
                break;
        }
    }

    private static byte[] Call(int procedure, int serial) =>
        Wire.Call(new(RemoteProgram.Number, 1, procedure), serial, procedure == RemoteProcedure.ListDomains ? All : [0x90]);

    private static byte[] All { get; } =
        new ContractMethod(FuzzDaemon.Procedures.Single(procedure => procedure.Id == new ProcedureId(RemoteProgram.Number, 1, RemoteProcedure.ListDomains))).Arguments(full: false);

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, stop)..];
    }

    private static async Task UntilCutAsync(Socket socket, CancellationToken stop)
    {
        byte[] answer = new byte[1024];
        while (await socket.ReceiveAsync(answer, stop) > 0)
        {
        }
    }
}
