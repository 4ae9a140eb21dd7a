using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;

namespace Virt.Ssh.Login;

/// <summary>
/// An agent that holds keys: OpenSSH's, or another that speaks its protocol (draft-ietf-sshm-ssh-agent). It is found as ssh finds
/// it: by SSH_AUTH_SOCK, on Windows also by the pipe of the service.
/// </summary>
internal sealed class AgentClient : IDisposable
{
    private const byte RequestIdentities = 11;
    private const byte IdentitiesAnswer = 12;
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;
    private const int MostBytes = 256 * 1024;
    private const string WindowsPipe = "openssh-ssh-agent";
    private const string PipePrefix = @"\\.\pipe\";
    private static readonly TimeSpan PipePatience = TimeSpan.FromMilliseconds(500);

    private readonly Stream _stream;

    /// <summary>Speaks with an agent.</summary>
    public AgentClient(Stream stream) => _stream = stream;

    /// <summary>Connects to the user's agent; null when there is none.</summary>
    public static AgentClient? TryConnect()
    {
        string? place = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
        try
        {
            if (OperatingSystem.IsWindows())
                return new(ConnectPipe(place));
            return place is { Length: > 0 } ? new(ConnectSocket(place)) : null;
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The keys that it holds; none where it does not answer as an agent does.</summary>
    public IReadOnlyList<AgentIdentity> List()
    {
        try
        {
            Reader reader = new(Call(IdentitiesAnswer, [RequestIdentities]));
            List<AgentIdentity> identities = [];
            for (uint count = reader.Number(); count > 0; count--)
            {
                identities.Add(new(this, reader.Bytes()));
                reader.Bytes();
            }

            return identities;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or ArgumentException)
        {
            return [];
        }
    }

    /// <summary>Has it sign with one of its keys.</summary>
    /// <exception cref="IOException">It does not.</exception>
    public byte[] Sign(byte[] publicKey, byte[] data, uint flags)
    {
        byte[] request = new byte[1 + (3 * sizeof(uint)) + publicKey.Length + data.Length];
        request[0] = SignRequest;
        int at = Put(request, 1, publicKey);
        at = Put(request, at, data);
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(at), flags);
        return new Reader(Call(SignResponse, request)).Bytes();
    }

    public void Dispose() => _stream.Dispose();

    private static NetworkStream ConnectSocket(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static NamedPipeClientStream ConnectPipe(string? place)
    {
        string name = place?.StartsWith(PipePrefix, StringComparison.OrdinalIgnoreCase) == true ? place[PipePrefix.Length..] : WindowsPipe;
        NamedPipeClientStream pipe = new(".", name, PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            pipe.Connect(PipePatience);
            return pipe;
        }
        catch
        {
            pipe.Dispose();
            throw;
        }
    }

    private static int Put(byte[] message, int at, byte[] bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(at), bytes.Length);
        bytes.CopyTo(message, at + sizeof(uint));
        return at + sizeof(uint) + bytes.Length;
    }

    private byte[] Call(byte expected, byte[] request)
    {
        byte[] framed = new byte[sizeof(uint) + request.Length];
        Put(framed, 0, request);
        _stream.Write(framed);
        byte[] length = new byte[sizeof(uint)];
        _stream.ReadExactly(length);
        int size = BinaryPrimitives.ReadInt32BigEndian(length);
        if (size is < 1 or > MostBytes)
            throw new IOException("the agent's answer has no sensible length");
        byte[] answer = new byte[size];
        _stream.ReadExactly(answer);
        return answer[0] == expected ? answer[1..] : throw new IOException("the agent refuses");
    }

    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public uint Number()
        {
            uint number = BinaryPrimitives.ReadUInt32BigEndian(_rest);
            _rest = _rest[sizeof(uint)..];
            return number;
        }

        public byte[] Bytes()
        {
            int length = (int)Math.Min(Number(), int.MaxValue);
            byte[] bytes = _rest[..length].ToArray();
            _rest = _rest[length..];
            return bytes;
        }
    }
}
