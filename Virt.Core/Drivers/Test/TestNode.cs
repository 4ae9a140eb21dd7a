using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Hosts;
using Virt.Interfaces;
using Virt.Networks;
using Virt.NodeDevices;
using Virt.Storage;

namespace Virt.Drivers.Test;

/// <summary>What a test host is made of.</summary>
internal sealed record TestNode(
    NodeRecord Machine,
    IReadOnlyList<TestNodeDomain> Domains,
    IReadOnlyList<NetworkRecord> Networks,
    IReadOnlyList<StoragePoolRecord> Pools,
    IReadOnlyList<InterfaceRecord> Interfaces,
    IReadOnlyList<NodeDeviceRecord> Devices,
    IReadOnlyList<TestUser> Users);

/// <summary>A domain as it is when the host comes up.</summary>
internal sealed record TestNodeDomain(
    TestDefinition Definition, DomainState State, bool Transient, bool Autostart, bool HasManagedSave, bool HasSnapshot)
{
    public TestNodeDomain(DomainDefinition definition, DomainState state)
        : this(TestDefinition.From(definition), state, Transient: false, Autostart: false, HasManagedSave: false, HasSnapshot: false)
    {
    }
}

/// <summary>Someone who may connect; without any, everyone may. No password means the name is enough.</summary>
internal sealed record TestUser(string Name, string? Password);
