using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Virt.Tests.Daemon.Qemu.Run;

/// <summary>What may be found in the place of a file.</summary>
internal static partial class FileFaults
{
    /// <summary>Puts it there instead of what is there.</summary>
    public static void Apply(string fault, string path)
    {
        byte[] before = File.Exists(path) ? File.ReadAllBytes(path) : [];
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        File.Delete(path);
        switch (fault)
        {
            case "missing":
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "half":
                File.WriteAllBytes(path, before[..(before.Length / 2)]);
                break;
            case "garbage":
                byte[] noise = new byte[5000];
                new Random(7).NextBytes(noise);
                File.WriteAllBytes(path, noise);
                break;
            case "foreign json":
                File.WriteAllText(path, "{\"Format\":1,\"Servers\":[null,{}],\"Uuid\":7,\"Id\":\"x\",\"Xml\":[]}");
                break;
            case "foreign xml":
                File.WriteAllText(path, "<network><name>web</name></network>");
                break;
            case "wrong name":
                File.WriteAllText(path, $"<domain type='qemu'><name>liar</name><uuid>{Guid.NewGuid()}</uuid><memory>65536</memory></domain>");
                break;
            case "folder":
                Directory.CreateDirectory(Path.Combine(path, "below"));
                break;
            case "fifo":
                Assert.Equal(0, MakeFifo(path, 0x180));
                break;
            case "dangling link":
                File.CreateSymbolicLink(path, "/nowhere/at/all");
                break;
            case "huge":
                using (FileStream file = File.Create(path))
                    file.SetLength(10L << 30);
                break;
            case "later format":
                File.WriteAllBytes(path, Later(before));
                break;
        }
    }

    private static byte[] Later(byte[] before)
    {
        if (before is not [(byte)'{', ..])
            return "{\"Format\":99}"u8.ToArray();
        JsonObject status = JsonNode.Parse(before)!.AsObject();
        status["Format"] = 99;
        status["Phase"] = "Teleporting";
        status["State"] = new JsonObject { ["Kind"] = "Running" };
        return System.Text.Encoding.UTF8.GetBytes(status.ToJsonString());
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
