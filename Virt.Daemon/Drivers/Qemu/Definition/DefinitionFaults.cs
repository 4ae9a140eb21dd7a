using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>Gathers what is wrong with a definition, so that its author reads all of it at once.</summary>
internal sealed class DefinitionFaults
{
    private const int Shown = 20;
    private readonly List<VirtException> _faults = [];

    /// <summary>Whether anything is wrong so far.</summary>
    public bool Any => _faults.Count > 0;

    /// <summary>Runs a step and keeps its error.</summary>
    public void Try(Action step)
    {
        try
        {
            step();
        }
        catch (VirtException fault)
        {
            _faults.Add(fault);
        }
    }

    /// <summary>Runs a step and keeps its error; null when it failed.</summary>
    public T? Try<T>(Func<T?> step)
        where T : class
    {
        T? result = null;
        Try(() => { result = step(); });
        return result;
    }

    /// <summary>Throws when there was an error: the only one as it is; several as one, which is an XML error if any of them
    /// is.</summary>
    public void Throw()
    {
        if (_faults is [var only])
            throw only;
        if (_faults.Count == 0)
            return;
        VirtErrorCode code = _faults.Any(fault => fault.Code == VirtErrorCode.XmlError)
            ? VirtErrorCode.XmlError
            : _faults[0].Code;
        string more = _faults.Count > Shown ? $"\n(and {_faults.Count - Shown} more)" : "";
        string? action = _faults.Select(fault => fault.RecommendedAction).FirstOrDefault(action => action is not null);
        throw new VirtException(
            code, $"{_faults.Count} things are wrong:\n" + string.Join('\n', _faults.Take(Shown).Select(fault => fault.Message)) + more,
            recommendedAction: action, innerException: _faults[0]);
    }
}
