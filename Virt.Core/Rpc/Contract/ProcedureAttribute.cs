namespace Virt.Rpc;

/// <summary>
/// Gives a contract method its frozen procedure number and access class. A method that takes an <see cref="Action{T}"/> and
/// returns <c>ValueTask&lt;IAsyncDisposable&gt;</c> is a subscription: its call is answered once, then event frames with the
/// call's serial carry records until a cancel frame with that serial ends it. A method that returns
/// <c>ValueTask&lt;VirtStream&gt;</c> opens a stream: its call is answered once, then stream frames carry bytes both ways.
/// </summary>
/// <param name="number">The number, unique within the program and never used again for anything else.</param>
/// <param name="access">What a caller must be allowed to do.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProcedureAttribute(int number, Access access) : Attribute
{
    /// <summary>The procedure number.</summary>
    public int Number { get; } = number;

    /// <summary>What a caller must be allowed to do.</summary>
    public Access Access { get; } = access;
}
