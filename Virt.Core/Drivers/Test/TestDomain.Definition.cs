using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Drivers.Test;

internal sealed partial class TestDomain
{
    /// <summary>Takes a definition for the next start; a transient domain becomes persistent.</summary>
    public DomainRecord Define(TestDefinition definition) => Act(() =>
    {
        bool added = _config is null;
        _config = definition;
        if (_run is null)
            Volatile.Write(ref _last, definition);
        Tell(DomainEventKind.Defined, added ? DomainEventDetail.Added : DomainEventDetail.Updated);
    });

    /// <summary>Tells that the domain is new.</summary>
    public DomainRecord TellAdded() => Act(() => Tell(DomainEventKind.Defined, DomainEventDetail.Added));

    public DomainRecord Undefine(UndefineOptions options) => Act(() =>
    {
        if (_config is null)
            throw TestErrors.Transient(Name, "it has no definition to remove");
        if (_saved is not null && (options & UndefineOptions.ManagedSave) == 0)
            throw TestErrors.Invalid(Name, $"the domain '{Name}' has a managed save", "Remove the managed save too, or first.");
        if (_hasSnapshot && (options & UndefineOptions.SnapshotsMetadata) == 0)
            throw TestErrors.Invalid(Name, $"the domain '{Name}' has snapshots", "Remove the metadata of its snapshots too, or first.");
        Volatile.Write(ref _last, _run?.Definition ?? _config);
        _config = null;
        _saved = null;
        _hasSnapshot = false;
        _autostart = false;
        _gone = _run is null;
        Tell(DomainEventKind.Undefined, DomainEventDetail.Removed);
    });

    /// <summary>Renames; the host has checked that the name is free.</summary>
    public DomainRecord Rename(string newName) => Act(() =>
    {
        if (_run is not null)
            throw TestErrors.AlreadyActive(Name);
        if (_saved is not null)
            throw TestErrors.Invalid(Name, $"the domain '{Name}' has a managed save", "Start it, or remove the managed save.");
        DomainDefinition renamed = _config!.Parse();
        renamed.Name = newName;
        Tell(DomainEventKind.Undefined, DomainEventDetail.Renamed);
        _config = TestDefinition.From(renamed);
        Volatile.Write(ref _last, _config);
        Tell(DomainEventKind.Defined, DomainEventDetail.Renamed);
    });

    public string GetXml(XmlOptions options)
    {
        TestDefinition definition;
        int? id;
        lock (_gate)
        {
            ThrowIfGone();
            bool live = _run is not null && ((options & XmlOptions.Inactive) == 0 || _config is null);
            definition = live ? _run!.Definition : _config!;
            id = (options & (XmlOptions.Inactive | XmlOptions.Migratable)) == 0 ? _run?.Id : null;
        }

        DomainDefinition copy = id is null ? definition.Parse() : WithAliases(definition);
        copy.Root.SetAttributeValue("id", id);
        if ((options & XmlOptions.Secure) == 0)
            DefinitionSecrets.Remove(copy);
        return copy.ToXml();
    }

    public DomainRecord Change(DomainChange change, ChangeScope scope) => Act(() =>
    {
        (bool toLive, bool toConfig) = Resolve(change, scope);
        TestDefinition? live = toLive ? Changed(_run!.Definition, change, DefinitionChange.ApplyToLive) : null;
        TestDefinition? config = toConfig ? Changed(_config!, change, DefinitionChange.ApplyToConfig) : null;
        if (live is not null)
            _run!.Definition = live;
        if (config is not null)
            _config = config;
        if (_run is null)
            Volatile.Write(ref _last, _config!);
        _autostart = change.Autostart ?? _autostart;
    });

    private static TestDefinition Changed(
        TestDefinition definition, DomainChange change, Action<DomainDefinition, DomainChange> apply)
    {
        if (change with { Autostart = null } == new DomainChange())
            return definition;
        DomainDefinition copy = definition.Parse();
        apply(copy, change);
        TestDefinition changed = TestDefinition.From(copy);
        return changed.IsSame(definition) ? definition : changed;
    }

    private (bool ToLive, bool ToConfig) Resolve(DomainChange change, ChangeScope scope)
    {
        if (change.Autostart is not null && _config is null)
            throw TestErrors.Transient(Name, "it cannot start with the host");
        if (change with { Autostart = null } == new DomainChange())
            return (false, false);
        bool toLive = scope is ChangeScope.Live or ChangeScope.Both || (scope == ChangeScope.Current && _run is not null);
        bool toConfig = scope is ChangeScope.Config or ChangeScope.Both || (scope == ChangeScope.Current && _run is null);
        if (toLive && _run is null)
            throw TestErrors.NotActive(Name);
        if (toConfig && _config is null)
            throw TestErrors.Transient(Name, "it has no definition to change");
        return (toLive, toConfig);
    }
}
