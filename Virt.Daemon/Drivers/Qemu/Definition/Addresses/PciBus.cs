using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>The bus behind one PCI controller and who sits on it.</summary>
internal sealed class PciBus(PciController controller)
{
    private readonly GuestDevice?[,] _functions = new GuestDevice?[32, 8];
    private readonly bool[] _reserved = new bool[32];

    /// <summary>The controller.</summary>
    public PciController Controller { get; } = controller;

    /// <summary>Its index, the <c>bus</c> of addresses.</summary>
    public int Index => Controller.Index;

    /// <summary>Who has a function; null when it is free.</summary>
    public GuestDevice? this[int slot, int function] => _functions[slot, function];

    /// <summary>Keeps a slot for the machine's own devices.</summary>
    public void Reserve(int slot) => _reserved[slot] = true;

    /// <summary>Takes a function.</summary>
    public void Take(PciAddress address, GuestDevice device) => _functions[address.Slot, address.Function] = device;

    /// <summary>The first slot without any function taken, from the given one on; null when the bus is full.</summary>
    public int? FreeSlot(int from = 0)
    {
        for (int slot = Math.Max(from, Controller.Model.FirstSlot); slot <= Controller.Model.LastSlot; slot++)
        {
            if (!_reserved[slot] && IsFree(slot))
                return slot;
        }

        return null;
    }

    /// <summary>How many slots are free.</summary>
    public int FreeSlots() =>
        Enumerable.Range(Controller.Model.FirstSlot, Controller.Model.LastSlot - Controller.Model.FirstSlot + 1)
        .Count(slot => !_reserved[slot] && IsFree(slot));

    private bool IsFree(int slot)
    {
        for (int function = 0; function < 8; function++)
        {
            if (_functions[slot, function] is not null)
                return false;
        }

        return true;
    }
}
