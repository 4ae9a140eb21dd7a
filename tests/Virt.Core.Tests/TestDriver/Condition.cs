namespace Virt.Tests.Core.TestDriver;

/// <summary>The columns of the state table, and a host with a domain in that condition.</summary>
public enum Condition
{
    Off,
    Saved,
    Running,
    Paused,
    PMSuspended,
    Crashed,
    Transient,
}

internal static class Conditions
{
    public const string Name = "guest";

    public static readonly Guid Uuid = new("11111111-2222-3333-4444-555555555555");

    public static Task<HostFixture> HostAsync(Condition condition) => HostFixture.FromXmlAsync(Node(condition switch
    {
        Condition.Off => "<test:runstate>5</test:runstate>",
        Condition.Saved => "<test:runstate>5</test:runstate><test:hasmanagedsave/>",
        Condition.Paused => "<test:runstate>3</test:runstate>",
        Condition.PMSuspended => "<test:runstate>7</test:runstate>",
        Condition.Crashed => "<test:runstate>6</test:runstate>",
        Condition.Transient => "<test:transient/>",
        _ => "<test:runstate>1</test:runstate>",
    }));

    public static string Xml(string name = Name, Guid? uuid = null, string memory = "1") => $"""
        <domain type='test'>
          <name>{name}</name>
          <uuid>{uuid ?? Uuid}</uuid>
          <memory unit='GiB'>{memory}</memory>
          <vcpu current='1'>2</vcpu>
          <os><type arch='x86_64' machine='q35'>hvm</type></os>
          <features><acpi/></features>
        </domain>
        """;

    public static string Node(string state, string? domain = null) => $"""
        <node xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
          {(domain ?? Xml()).Replace("</domain>", state + "</domain>", StringComparison.Ordinal)}
        </node>
        """;
}
