namespace Virt.Rpc;

/// <summary>A record that says which object a call was about; the audit log takes it from what a call returns.</summary>
public interface ISubject
{
    /// <summary>The object.</summary>
    Subject Subject { get; }
}

/// <summary>An object that calls are about.</summary>
/// <param name="Kind">As <c>domain</c>, <c>secret</c> or <c>image</c>.</param>
/// <param name="Name">Its name or path, if it has one.</param>
/// <param name="Uuid">Its identity, if it has one.</param>
public readonly record struct Subject(string Kind, string? Name, Guid? Uuid);
