using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Subscribes to lifecycle events of domains as events of PowerShell's engine: Get-Event, Wait-Event and Unregister-Event work on
/// them.
/// </summary>
[Cmdlet(VerbsLifecycle.Register, "VirtEvent")]
[OutputType(typeof(PSEventSubscriber))]
public sealed class RegisterVirtEventCommand : HostCommand
{
    /// <summary>Only domains with these names, also with wildcards.</summary>
    [Parameter(Position = 0)]
    [Alias("Domain", "VMName")]
    [ArgumentCompleter(typeof(DomainNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Only these kinds of event.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public DomainEventKind[]? Kind { get; set; }

    /// <summary>What to run for each event; without it events wait in the queue that Get-Event shows.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public ScriptBlock? Action { get; set; }

    /// <summary>The name of the subscription.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SourceIdentifier { get; set; }

    /// <summary>What each event carries along for the receiver.</summary>
    [Parameter]
    public PSObject? MessageData { get; set; }

    /// <summary>Hides the subscription.</summary>
    [Parameter]
    public SwitchParameter SupportEvent { get; set; }

    /// <summary>Sends the events on to the caller of a remote session.</summary>
    [Parameter]
    public SwitchParameter Forward { get; set; }

    /// <summary>Ends the subscription after so many events; 0 for never.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxTriggerCount { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string identifier = SourceIdentifier ?? $"Virt.{Guid.NewGuid():N}";
        RequireFree(identifier);
        IReadOnlyList<VirtHost> hosts = MeantHosts();
        var source = new VirtEventSource(IsWanted);
        source.UseEngine(new EngineQueue(Events, identifier, MessageData, MaxTriggerCount));
        AwaitOrEnd(SourceIdentifier, async cancel =>
        {
            await source.OpenAsync(hosts, cancel).ConfigureAwait(false);
            return true;
        });
        try
        {
            WriteObject(Events.SubscribeEvent(
                source, nameof(VirtEventSource.Lifecycle), identifier, MessageData, Action, SupportEvent, Forward, MaxTriggerCount));
        }
        catch
        {
            _ = source.CloseAsync();
            throw;
        }
    }

    // Two of one name would each receive the events of both.
    private void RequireFree(string identifier)
    {
        VirtException? failure = null;
        if (Events.GetEventSubscribers(identifier).Any())
        {
            failure = VirtException.Create(
                VirtErrorCode.InvalidArgument, $"an event subscription is called '{identifier}' already", identifier,
                "Choose another -SourceIdentifier, or end that one with Unregister-Event.");
        }
        else if (identifier.StartsWith("PowerShell.", StringComparison.OrdinalIgnoreCase))
        {
            failure = VirtException.Create(
                VirtErrorCode.InvalidArgument, $"the name '{identifier}' is kept for PowerShell's own events", identifier,
                "Choose a -SourceIdentifier that does not begin with 'PowerShell.'.");
        }

        if (failure is not null)
            ThrowTerminatingError(ErrorMap.ToRecord(failure, identifier));
    }

    private bool IsWanted(DomainLifecycleEvent happened) =>
        (Kind is null || Kind.Contains(happened.Kind))
        && (Name is null || Name.Any(name => NamePattern.IsMatch(name, happened.Domain.Name)));
}
