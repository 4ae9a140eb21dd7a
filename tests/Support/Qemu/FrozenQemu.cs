using System.Collections;
using Virt.Daemon.Drivers.Qemu.Capabilities;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>An emulator that never changes, for command lines that are compared to the letter.</summary>
internal static class FrozenQemu
{
    public static QemuCapabilities Capabilities { get; } = new(
        "/usr/bin/qemu-system-x86_64", "7.2.0", "x86_64",
        [
            new QemuMachine("pc-i440fx-7.2", "pc", 255, true, false, "qemu64", "pc.ram"),
            new QemuMachine("pc-q35-7.2", "q35", 288, false, false, "qemu64", "pc.ram"),
        ],
        [new QemuCpuModel("qemu64", false, []), new QemuCpuModel("Nehalem", false, []), new QemuCpuModel("EPYC", false, [])],
        [], new Everything(), new Everything(), new KvmSupport(true, null));

    private sealed class Everything : IReadOnlySet<string>
    {
        public int Count => 0;
        public bool Contains(string item) => true;
        public IEnumerator<string> GetEnumerator() => Enumerable.Empty<string>().GetEnumerator();
        public bool IsProperSubsetOf(IEnumerable<string> other) => false;
        public bool IsProperSupersetOf(IEnumerable<string> other) => true;
        public bool IsSubsetOf(IEnumerable<string> other) => false;
        public bool IsSupersetOf(IEnumerable<string> other) => true;
        public bool Overlaps(IEnumerable<string> other) => true;
        public bool SetEquals(IEnumerable<string> other) => false;
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
