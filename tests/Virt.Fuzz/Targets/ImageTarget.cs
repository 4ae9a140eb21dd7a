using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Storage;
using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;

namespace Virt.Fuzz.Targets;

/// <summary>Heads of disk images, which guests write. The first byte says as which format one is read.</summary>
internal sealed class ImageTarget : FuzzTarget
{
    private const int MostRead = 4096 + 1023;
    private static readonly string[] Formats = ["qcow2", "qcow", "qed", "vmdk", "vdi", "vpc", "luks", "vhdx", "raw"];

    public override string Name => "image";

    public override string Description => "heads of disk images";

    public override IReadOnlyList<IMutator> Mutators { get; } = [new ByteMutator()];

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] qcow2 = QcowHead();
            yield return [0, .. qcow2];
            yield return [0, .. qcow2[..7], 2, .. qcow2[8..]];
            yield return [1, .. qcow2[..7], 1, .. qcow2[8..]];
            yield return [2, .. "QED"u8, 0, .. new byte[12], 1, .. new byte[39], 64, 0, 0, 0, 4, 0, 0, 0, .. "base"u8, .. new byte[500]];
            yield return [3, .. "KDMV"u8, .. new byte[508], .. "parentFileNameHint"u8];
            yield return [4, .. new byte[64], 0x7f, 0x10, 0xda, 0xbe, .. new byte[444]];
            yield return [5, .. "conectix"u8, .. new byte[504]];
            yield return [6, .. "LUKS"u8, 0xba, 0xbe, 0, 1, .. new byte[504]];
            yield return [7, .. "vhdxfile"u8, .. new byte[504]];
            yield return [8];
        }
    }

    public override ValueTask<string> RunAsync(byte[] input)
    {
        if (input.Length == 0)
            return ValueTask.FromResult("empty");
        string format = Formats[input[0] % Formats.Length];
        byte[] image = input[1..];
        int read = 0;
        try
        {
            ImageHead head = ImageHead.Read(format, image.Length, (offset, count) =>
            {
                FuzzViolation.Unless(offset >= 0 && (read += count) <= MostRead, "more is read than a head has");
                return offset >= image.Length ? [] : image.AsSpan((int)offset, (int)Math.Min(count, image.Length - offset)).ToArray();
            });
            FuzzViolation.Unless(head.Capacity is null or >= 0, "the size is negative");
            FuzzViolation.Unless(head.Backing?.Any(char.IsControl) != true && head.BackingFormat?.Any(char.IsControl) != true, "a name has controls");
            string? below = head.Backing is { } name ? ImagePath.Beside("/a/b", name) : null;
            return ValueTask.FromResult($"{format} {head.Capacity is null} {head.Encrypted} {below?.StartsWith('/')} {head.BackingFormat is null} {head.HasDataFile}");
        }
        catch (VirtException refused)
        {
            return ValueTask.FromResult($"{format} {Outcome.Of(refused)}");
        }
    }

    private static byte[] QcowHead()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
                QcowImage.Write(file, 1 << 20, "/base", "raw");
            return File.ReadAllBytes(path)[..512];
        }
        finally
        {
            File.Delete(path);
        }
    }
}
