using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>The bus behind one PCI controller and which of its functions are taken.</summary>
/// <param name="index">Its index, the <c>bus</c> of addresses.</param>
/// <param name="model">The controller's model.</param>
/// <param name="accepts">What it takes; null for all that its model takes.</param>
internal sealed class PciBus(int index, PciControllerModel model, PciConnect? accepts = null)
{
    private readonly string?[,] _functions = new string?[32, 8];
    private readonly bool[] _shared = new bool[32];

    /// <summary>Its index.</summary>
    public int Index { get; } = index;

    /// <summary>The controller's model.</summary>
    public PciControllerModel Model { get; } = model;

    /// <summary>What it takes.</summary>
    public PciConnect Accepts { get; } = accepts ?? model.Accepts;

    /// <summary>Who has a function; null when it is free.</summary>
    public string? this[int slot, int function] => _functions[slot, function];

    /// <summary>Whether any slot is free.</summary>
    public bool HasFreeSlot => Enumerable.Range(Model.FirstSlot, Model.LastSlot - Model.FirstSlot + 1).Any(slot => !InUse(slot));

    /// <summary>Whether any function of a slot is taken.</summary>
    public bool InUse(int slot) => Enumerable.Range(0, 8).Any(function => _functions[slot, function] is not null);

    /// <summary>Takes a function.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="function">The function.</param>
    /// <param name="owner">Who takes it, for errors.</param>
    /// <param name="shares">Whether others of its kind may have the slot's other functions.</param>
    public void Take(int slot, int function, string owner, bool shares = false)
    {
        if (shares && !InUse(slot))
            _shared[slot] = true;
        _functions[slot, function] = owner;
    }

    /// <summary>The first free place for something automatic; null when the bus does not take it or is full.</summary>
    public PciAddress? Free(PciRequest request)
    {
        if (!request.FitsAutomatically(this))
            return null;
        for (int slot = Model.FirstSlot; slot <= Model.LastSlot; slot++)
        {
            if (!InUse(slot))
                return new PciAddress(Index, slot, request.Function ?? 0);
            if (!request.Shares || !_shared[slot])
                continue;
            int function = Enumerable.Range(0, 8).FirstOrDefault(candidate => _functions[slot, candidate] is null, -1);
            if (function >= 0)
                return new PciAddress(Index, slot, function);
        }

        return null;
    }
}
