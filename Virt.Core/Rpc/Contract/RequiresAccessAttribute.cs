namespace Virt.Rpc;

/// <summary>
/// On a member of an enum that contracts take as a parameter: a call with this value needs this access beyond that of its
/// procedure. The source generator writes the check into the procedure table and the guards, before the driver is called.
/// </summary>
/// <param name="access">What the value needs.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class RequiresAccessAttribute(Access access) : Attribute
{
    /// <summary>What the value needs.</summary>
    public Access Access { get; } = access;
}
