using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>As much of a VNC client as it takes to log in (RFC 6143, 7.1 and 7.2.2).</summary>
internal static class VncLogin
{
    private const byte PasswordSecurity = 2;

    /// <summary>Whether the server accepts the password.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "VNC's challenge is enciphered with DES.")]
    public static async Task<bool> TryAsync(int port, string password, CancellationToken cancel)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancel);
        NetworkStream stream = client.GetStream();
        byte[] version = await ReadAsync(stream, 12, cancel);
        Assert.Equal("RFB 003.008\n", Encoding.ASCII.GetString(version));
        await stream.WriteAsync(version, cancel);
        byte[] offered = await ReadAsync(stream, (await ReadAsync(stream, 1, cancel))[0], cancel);
        Assert.Contains(PasswordSecurity, offered);
        await stream.WriteAsync(new[] { PasswordSecurity }, cancel);

        byte[] challenge = await ReadAsync(stream, 16, cancel);
        using var des = DES.Create();
        byte[] key = new byte[8];
        Encoding.ASCII.GetBytes(password, key);
        des.Key = [.. key.Select(Reverse)];
        await stream.WriteAsync(des.EncryptEcb(challenge, PaddingMode.None), cancel);
        return BinaryPrimitives.ReadUInt32BigEndian(await ReadAsync(stream, 4, cancel)) == 0;
    }

    /// <summary>VNC takes the bits of each byte of the key from the other end.</summary>
    private static byte Reverse(byte value)
    {
        int reversed = 0;
        for (int bit = 0; bit < 8; bit++)
            reversed |= (value >> bit & 1) << (7 - bit);
        return (byte)reversed;
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, int count, CancellationToken cancel)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancel);
        return bytes;
    }
}
