using System.Text;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;
using Virt.Drivers.Test;
using Virt.Errors;
using Virt.Fuzz.Engine;
using Virt.Fuzz.Mutation;
using Virt.Secrets;

namespace Virt.Fuzz.Targets;

/// <summary>
/// XML that clients send: definitions of domains, which are checked, planned into a command line, written and read again; devices;
/// secrets; nodes of the test driver. The root's name says which.
/// </summary>
internal sealed class XmlTarget : FuzzTarget
{
    private static readonly LaunchPaths Paths = new("/run/virt/guest", "/run/virt/guest.pid", "/var/log/virt/guest.log");
    private static readonly GuestHost Host = new("/var/lib/virt/nvram", "/var/lib/virt/ram", []);

    private static readonly string[] Others =
    [
        "<secret ephemeral='no' private='yes'><uuid>0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f</uuid><description>x</description><usage type='ceph'><name>c</name></usage></secret>",
        "<secret><usage type='volume'><volume>/x</volume></usage></secret>",
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a'/><target dev='vda' bus='virtio'/></disk>",
        "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/><bandwidth><inbound average='1'/></bandwidth></interface>",
        "<node><cpu><nodes>1</nodes></cpu><domain type='test'><name>a</name><memory>1024</memory></domain><network><name>n</name></network><pool type='dir'><name>p</name><capacity>1</capacity></pool><interface name='e'/><device><name>d</name></device><auth><user password='x'>u</user></auth></node>",
        "<!DOCTYPE domain [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><domain type='qemu'><name>&b;</name></domain>",
        "<!DOCTYPE domain SYSTEM 'http://localhost/x.dtd'><domain/>",
        "<domain xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='/etc/passwd'/></domain>",
        "<?xml version='1.0' encoding='utf-16'?><domain type='qemu'><name>a</name><memory>1</memory></domain>",
        "<domain type='qemu'><name>a<?x?>b<?x?>c</name><memory unit='EiB'>7</memory><vcpu>4294967295</vcpu></domain>",
    ];

    public override string Name => "xml";

    public override string Description => "domain XML to the command line and back, devices, secrets, test nodes";

    public override IReadOnlyList<IMutator> Mutators { get; } =
        [new XmlMutator(), new XmlMutator(), new XmlMutator(), new XmlMutator(), new TextMutator(), new ByteMutator()];

    public override IEnumerable<byte[]> Seeds => Definitions.Seeds.Concat(Others.Select(Encoding.UTF8.GetBytes));

    // Each device is an object of some size, and each is planned three times.
    public override long AllocationLimit(int length) => (32L << 20) + 4096L * length;

    public override ValueTask<string> RunAsync(byte[] input)
    {
        string xml = Encoding.UTF8.GetString(input);
        try
        {
            return ValueTask.FromResult(xml.TrimStart().StartsWith("<secret", StringComparison.Ordinal) ? Secret(xml)
                : xml.TrimStart().StartsWith("<node", StringComparison.Ordinal) ? Node(xml)
                : xml.Contains("<domain", StringComparison.Ordinal) ? Domain(xml)
                : Device(xml));
        }
        catch (VirtException refused)
        {
            return ValueTask.FromResult(Outcome.Of(refused));
        }
    }

    private static string Domain(string xml)
    {
        DomainDefinition general = DomainDefinition.Parse(xml);
        string once = general.ToXml();
        DomainDefinition again = DomainDefinition.Parse(once);
        Same("the definition", once, again.ToXml());
        FuzzViolation.Unless(
            (again.Name, again.Uuid, again.Memory, again.MaximumMemory, again.VCpu, again.MaximumVCpu, again.Title)
                == (general.Name, general.Uuid, general.Memory, general.MaximumMemory, general.VCpu, general.MaximumVCpu, general.Title),
            "written and parsed again the definition says otherwise");
        FuzzViolation.Unless(DomainName.Fault(general.Name) is null, "a name that is none was taken");
        string strict = Strict(xml);
        GuestDefinition guest = GuestDefinition.Parse(general, EveryQemu.Capabilities, Host);
        string stored = guest.ToXml(live: false, secure: true);
        GuestDefinition read = GuestDefinition.Parse(DomainDefinition.Parse(stored), EveryQemu.Capabilities, Host);
        Same("the guest", stored, read.ToXml(live: false, secure: true));
        return $"{strict} planned {Plan(guest)}";
    }

    private static void Same(string what, string before, string after)
    {
        if (before != after)
            throw new FuzzViolation($"written and parsed again {what} is another: {Difference.Of(before, after)}");
    }

    private static string Strict(string xml)
    {
        try
        {
            DomainDefinition.Parse(xml, strict: true);
            return "strict";
        }
        catch (VirtException refused) when (refused.Code == VirtErrorCode.XmlInvalidSchema)
        {
            return "lax";
        }
    }

    private static string Plan(GuestDefinition guest)
    {
        QemuCommandLine line;
        try
        {
            line = QemuCommandLine.Build(guest, EveryQemu.Capabilities, Paths);
        }
        catch (VirtException refused) when (refused.Code is VirtErrorCode.ConfigurationUnsupported or VirtErrorCode.XmlError)
        {
            return Outcome.Of(refused);
        }

        foreach (string argument in line.Arguments)
        {
            FuzzViolation.Unless(!argument.Contains('\0', StringComparison.Ordinal), "an argument has a NUL");
            if (argument.StartsWith('{'))
                JsonNode.Parse(argument);
        }

        string live = guest.ToXml(live: true, secure: true);
        _ = GuestDefinition.ParseLive(DomainDefinition.Parse(live), EveryQemu.Capabilities, Host);
        return string.Join(' ', line.Arguments.Where(argument => argument.StartsWith('-')).Distinct());
    }

    private static string Device(string xml)
    {
        string once = DeviceElement.ToXml(DeviceElement.Parse(xml));
        Same("the device", once, DeviceElement.ToXml(DeviceElement.Parse(once)));
        return "device";
    }

    private static string Secret(string xml)
    {
        SecretDefinition secret = SecretDefinition.Parse(xml);
        FuzzViolation.Unless(SecretDefinition.Parse(secret.ToXml()) == secret, "written and parsed again the secret is another");
        return $"secret {secret.UsageType}";
    }

    private static string Node(string xml)
    {
        TestNode node = TestNodeReader.Read(SafeXml.Parse(xml, "node"), []);
        return $"node {node.Domains.Count > 0} {node.Networks.Count > 0} {node.Pools.Count > 0}";
    }
}
