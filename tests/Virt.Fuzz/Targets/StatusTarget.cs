using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Virt.Connections;
using Virt.Daemon.Drivers.Network;
using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Definition.Firmware;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Secret;
using Virt.Daemon.Hosting;
using Virt.Daemon.Rpc.Authentication;
using Virt.Domains;
using Virt.Drivers.Test;
using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;

namespace Virt.Fuzz.Targets;

/// <summary>
/// Files that virtd reads and that something else may have torn or written: status files, definitions, saved guests, secrets, users,
/// configuration, capabilities, networks, firmware descriptors. The first byte says which.
/// </summary>
internal sealed class StatusTarget : FuzzTarget
{
    private const int Prefix = 1;
    private static readonly Guid Uuid = new("c0ffee00-0000-4000-8000-000000000001");

    private readonly string _root = Directory.CreateTempSubdirectory("virt-fuzz-").FullName;
    private readonly QemuFolders _folders;
    private readonly (byte[][] Seeds, Func<byte[], ValueTask<string>> Read)[] _kinds;

    public StatusTarget()
    {
        _folders = new QemuFolders(VirtDirectories.FromRoot(_root));
        _folders.Create(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        string xml = $"<domain type='qemu'><name>guest</name><uuid>{Uuid}</uuid><memory>65536</memory><os><type>hvm</type></os></domain>";
        _kinds =
        [
            ([Status(xml)], ReadStatus),
            ([Utf8(xml)], ReadDefinition),
            ([SavedGuest(xml), OlderSavedGuest(xml)], ReadSaved),
            ([Utf8($"<secret><uuid>{Uuid}</uuid></secret>\nAAAA"), Utf8($"<secret ephemeral='no' private='yes'><uuid>{Uuid}</uuid><usage type='volume'><volume>/x</volume></usage></secret>\nc2VjcmV0")], ReadSecret),
            ([Utf8("# users\nsecret\tAAAA\n4096\tW22ZaJ0SNY7soEsUEjb6gQ==\tBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\tBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\tuser\n")], ReadUsers),
            (
                [
                    Utf8("{\"logLevel\":\"Debug\",\"unix\":{},\"tcp\":{\"listen\":[\"127.0.0.1:16509\"]},\"limits\":{\"clients\":10},\"keepalive\":{\"interval\":5}}"),
                    JsonSerializer.SerializeToUtf8Bytes(new DaemonConfig(), DaemonConfigJson.Default.DaemonConfig), Utf8("// c\n{}"),
                ], ReadDaemonConfig),
            ([Utf8("{\"defaultUri\":\"qemu:///system\",\"aliases\":{\"lab\":\"qemu+tcp://lab/system\"}}")], ReadClientConfig),
            ([Utf8("<network><name>n</name><bridge name='virbr0'/><forward mode='bridge'/></network>"), Utf8("<networkstatus><network><name>n</name></network></networkstatus>")], ReadNetwork),
            (
                [
                    Utf8("{\"interface-types\":[\"uefi\"],\"mapping\":{\"device\":\"flash\",\"executable\":{\"filename\":\"/OVMF.fd\",\"format\":\"raw\"},\"nvram-template\":{\"filename\":\"/VARS.fd\",\"format\":\"raw\"}},\"targets\":[{\"architecture\":\"x86_64\",\"machines\":[\"pc-q35-*\"]}],\"features\":[\"secure-boot\"]}"),
                ], ReadFirmware),
            ([Capabilities()], ReadCapabilities),
            (
                [
                    Utf8("<node><domain type='test'><name>a</name><memory>1024</memory></domain><domain file='b.xml'/><network><name>n</name></network></node>"),
                    Utf8("<domain type='test' xmlns:t='http://libvirt.org/schemas/domain/test/1.0'><name>a</name><memory>1024</memory><t:runstate>5</t:runstate><t:hasmanagedsave/></domain>"),
                ], ReadNode),
        ];
    }

    public override string Name => "status";

    public override string Description => "files that virtd reads: status, definitions, saved guests, secrets, users, configuration, ...";

    public override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new BehindPrefix(new JsonMutator()), new BehindPrefix(new JsonMutator()), new BehindPrefix(new XmlMutator()), new BehindPrefix(new TextMutator()),
        new BehindPrefix(new ByteMutator()),
    ];

    public override IEnumerable<byte[]> Seeds => _kinds.SelectMany((kind, i) => kind.Seeds.Select(seed => (byte[])[(byte)i, .. seed]));

    // A saved guest's head may announce 32 MiB of definition, which is set aside before it is read.
    public override long AllocationLimit(int length) => (48L << 20) + 4096L * length;

    public override async ValueTask<string> RunAsync(byte[] input)
    {
        if (input.Length < Prefix)
            return "short";
        int kind = input[0] % _kinds.Length;
        try
        {
            return $"{kind} {await _kinds[kind].Read(input[Prefix..])}";
        }
        catch (VirtException refused)
        {
            return $"{kind} {Outcome.Of(refused)}";
        }
        finally
        {
            foreach (string folder in (string[])[_folders.Run, _folders.Definitions, _root])
            {
                foreach (string left in Directory.EnumerateFiles(folder))
                    File.Delete(left);
            }
        }
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return base.DisposeAsync();
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private byte[] Status(string xml) => JsonSerializer.SerializeToUtf8Bytes(
        new RunStatus(
            RunStatus.CurrentFormat, "guest", Uuid, 3, RunPhase.Running, 12345, 678, "boot", DomainState.Running, DomainStateReason.Booted,
            DateTimeOffset.UnixEpoch, false, false, false, 1 << 26, _folders.RunOf(Uuid), xml),
        RunStatusJson.Default.RunStatus);

    private ValueTask<string> ReadStatus(byte[] content)
    {
        File.WriteAllBytes(Path.Combine(_folders.Run, "guest.status"), content);
        foreach (RunStatus status in new RunStatusStore(_folders, NullLogger.Instance).Load().Whole)
        {
            FuzzViolation.Unless(status.Name == "guest" && status.Folder == _folders.RunOf(status.Uuid), "a foreign status was taken");
            StoredDefinition live = StoredDefinition.FromXml(status.Xml);
            FuzzViolation.Unless(live.Name == status.Name && live.Uuid == status.Uuid, "a status was taken whose definition is of another domain");
            return ValueTask.FromResult($"status {status.Phase} {status.State}");
        }

        return ValueTask.FromResult($"set aside {Directory.EnumerateFiles(_folders.Run, "*.corrupt-*").Any()}");
    }

    private ValueTask<string> ReadDefinition(byte[] content)
    {
        File.WriteAllBytes(Path.Combine(_folders.Definitions, "guest.xml"), content);
        IReadOnlyList<StoredDefinition> read = new DefinitionStore(_folders, NullLogger.Instance).Load().Definitions;
        FuzzViolation.Unless(read.All(definition => definition.Name == "guest"), "a foreign definition was taken");
        return ValueTask.FromResult($"definition {read.Count} {Directory.EnumerateFiles(_folders.Definitions, "*.corrupt-*").Any()}");
    }

    private static byte[] SavedGuest(string xml) =>
        new SavedState(SavedState.CurrentFormat, Paused: true, xml, new SavedImage(1, 2, 3, 4, 5, "00")).ToJson();

    private static byte[] OlderSavedGuest(string xml)
    {
        byte[] content = Encoding.UTF8.GetBytes($"VirtSavedGuest\r\n\0\0\0\u0001\0\0\0\u0001\0\0\0\0{xml}");
        BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(24), (uint)Encoding.UTF8.GetByteCount(xml));
        return content;
    }

    private ValueTask<string> ReadSaved(byte[] content)
    {
        var store = new SavedStateStore(_folders);
        File.WriteAllBytes(store.PathOf("guest"), content);
        File.WriteAllText(store.ImageOf("guest"), "abc");
        StoredDefinition stored = StoredDefinition.FromXml($"<domain type='qemu'><name>guest</name><uuid>{Uuid}</uuid></domain>");
        try
        {
            (SavedState state, SafeFileHandle image) = store.Open("guest", stored);
            image.Dispose();
            FuzzViolation.Unless(state.Xml == stored.Xml, "a definition was taken although its image does not match");
            return ValueTask.FromResult($"saved {state.Paused}");
        }
        finally
        {
            store.Delete("guest");
        }
    }

    private ValueTask<string> ReadSecret(byte[] content)
    {
        string[] parts = Encoding.UTF8.GetString(content).Split('\n', 2);
        string folder = Path.Combine(_root, "secrets");
        Directory.CreateDirectory(folder);
        try
        {
            File.WriteAllText(Path.Combine(folder, $"{Uuid}.xml"), parts[0]);
            File.WriteAllText(Path.Combine(folder, $"{Uuid}.base64"), parts.ElementAtOrDefault(1));
            var store = new SecretStore(folder, NullLogger.Instance);
            return ValueTask.FromResult($"secrets {store.List().Count}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async ValueTask<string> ReadUsers(byte[] content)
    {
        string path = Path.Combine(_root, "users");
        await File.WriteAllBytesAsync(path, content);
        var users = new ScramUsers(path);
        IReadOnlyList<string> names = await users.ListAsync(CancellationToken.None);
        (ScramUser user, bool exists) = await users.FindAsync("user", CancellationToken.None);
        FuzzViolation.Unless(exists == names.Contains("user") && user.Name == "user", "another user was found");
        return $"users {Math.Min(names.Count, 3)} {exists}";
    }

    private ValueTask<string> ReadDaemonConfig(byte[] content)
    {
        string path = Path.Combine(_root, "virtd.json");
        File.WriteAllBytes(path, content);
        DaemonConfig config = DaemonConfig.Read(path, mustExist: true);
        return ValueTask.FromResult($"config {config.LogLevel}");
    }

    private ValueTask<string> ReadClientConfig(byte[] content)
    {
        string path = Path.Combine(_root, "client.json");
        File.WriteAllBytes(path, content);
        ClientConfig config = ClientConfig.Read(path);
        try
        {
            UriResolver.Resolve("lab", null, () => config, () => "qemu:///system");
            return ValueTask.FromResult("client resolved");
        }
        catch (VirtException refused)
        {
            return ValueTask.FromResult($"client {Outcome.Of(refused)}");
        }
    }

    private ValueTask<string> ReadNetwork(byte[] content)
    {
        File.WriteAllBytes(Path.Combine(_root, "n.xml"), content);
        return ValueTask.FromResult($"network {new HostNetworks(_root, null).FindBridge("n", null).Length > 0}");
    }

    private static ValueTask<string> ReadFirmware(byte[] content) =>
        ValueTask.FromResult($"firmware {FirmwareDescriptor.Parse("f", content)?.Fits("x86_64", "pc-q35-7.2")}");

    private static byte[] Capabilities() => Utf8(
        "{\"Fingerprint\":\"x\",\"Version\":\"7.2.0\",\"Architecture\":\"x86_64\",\"Machines\":[{\"Name\":\"pc\",\"Alias\":null,\"MaximumVCpu\":1,\"Default\":true,\"Deprecated\":false,\"DefaultCpu\":\"a\",\"DefaultRamId\":\"b\"}],\"CpuModels\":[],\"KvmCpuModels\":[],\"CpuFeatures\":[\"a\"],\"DeviceTypes\":[\"b\"],\"Kvm\":{\"Usable\":true,\"Reason\":null}}");

    private async ValueTask<string> ReadCapabilities(byte[] content)
    {
        var file = new QemuCapabilitiesFile(_root);
        // The fingerprint of a good file is known only here, so that the rest of the content counts.
        string emulator = Environment.ProcessPath!;
        string text = Encoding.UTF8.GetString(content).Replace("\"Fingerprint\":\"x\"", $"\"Fingerprint\":{JsonSerializer.Serialize(QemuCapabilitiesFile.Fingerprint(emulator))}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file.PathOf(emulator), text);
        QemuCapabilities? read = file.Read(emulator);
        _ = read?.FindMachine("pc");
        _ = read?.Machines.Select(machine => machine.Name.Length).Sum();
        _ = read?.CpuModels.Select(model => model.Name.Length).Sum();
        return $"capabilities {read is not null}";
    }

    private async ValueTask<string> ReadNode(byte[] content)
    {
        string path = Path.Combine(_root, "node.xml");
        await File.WriteAllBytesAsync(path, content);
        await File.WriteAllTextAsync(Path.Combine(_root, "b.xml"), "<domain type='test'><name>b</name><memory>1024</memory></domain>");
        TestNode node = await TestNodeFile.ReadAsync(path, CancellationToken.None);
        return $"node {Math.Min(node.Domains.Count, 3)}";
    }

    private sealed class BehindPrefix(IMutator inner) : IMutator
    {
        public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random) => input.Length <= Prefix
            ? input
            : [input[0], .. inner.Mutate(input[Prefix..], [.. Behind(corpus, random)], random)];

        // One is enough to take a part from, and copying all would take longer than all else.
        private static IEnumerable<byte[]> Behind(IReadOnlyList<byte[]> corpus, Random random) =>
            [corpus[random.Next(corpus.Count)] is { Length: > Prefix } other ? other[Prefix..] : []];
    }
}
