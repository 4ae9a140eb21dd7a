using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>The hash of a memory image, taken while QEMU still writes it, so that a save waits for the end of it only.</summary>
/// <param name="file">The image, to read.</param>
internal sealed class ImageHash(SafeFileHandle file) : IDisposable
{
    private const int BufferSize = 1 << 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[BufferSize];
    private long _offset;

    /// <summary>Hashes what there is of the image, until it is written.</summary>
    /// <param name="written">Ends when it is, however it ends.</param>
    public async Task FollowAsync(Task written)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        bool ended;
        do
        {
            ended = written.IsCompleted;
            Read();
            if (!ended)
                await Task.WhenAny(written, Task.Delay(Pause)).ConfigureAwait(false);
        }
        while (!ended);
    }

    /// <summary>The hash of all there is.</summary>
    public string Finish()
    {
        Read();
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        file.Dispose();
    }

    private void Read()
    {
        while (RandomAccess.Read(file, _buffer, _offset) is > 0 and var count)
        {
            _hash.AppendData(_buffer, 0, count);
            _offset += count;
        }
    }
}
