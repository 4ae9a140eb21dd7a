using System.Management.Automation;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>What a script brought, stream by stream.</summary>
/// <param name="Objects">The output as the engine has it.</param>
/// <param name="Streams">The other streams.</param>
/// <param name="Effects">What -WhatIf said would be done.</param>
/// <param name="Questions">What -Confirm and the hosts asked.</param>
internal sealed record Outcome(
    IReadOnlyList<PSObject?> Objects, PSDataStreams Streams, IReadOnlyList<string> Effects, IReadOnlyList<string> Questions)
{
    /// <summary>The output, without the engine's wrapping.</summary>
    public IReadOnlyList<object?> Output { get; } = [.. Objects.Select(one => one?.BaseObject)];

    public IReadOnlyList<ErrorRecord> Errors { get; } = [.. Streams.Error];

    public IReadOnlyList<string> Warnings { get; } = [.. Streams.Warning.Select(warning => warning.Message)];

    public IReadOnlyList<string> VerboseLines { get; } = [.. Streams.Verbose.Select(line => line.Message)];

    public IReadOnlyList<ProgressRecord> Progress { get; } = [.. Streams.Progress];

    /// <summary>The names of the domains that were written.</summary>
    public IReadOnlyList<string> DomainNames => [.. Output.Cast<VirtDomain>().Select(domain => domain.Name)];

    /// <summary>The only object, which must be of this type.</summary>
    public T Single<T>() => Assert.IsType<T>(Assert.Single(Output));

    /// <summary>Fails when there was an error.</summary>
    public Outcome Well()
    {
        Assert.Empty(Errors);
        return this;
    }

    /// <summary>The only error, which must be this one and come from the module.</summary>
    public ErrorRecord Error(string id, ErrorCategory category)
    {
        ErrorRecord error = Assert.Single(Errors);
        Assert.StartsWith($"{id},Virt.PowerShell.", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.IsType<VirtException>(error.Exception, exactMatch: false);
        return error;
    }
}
