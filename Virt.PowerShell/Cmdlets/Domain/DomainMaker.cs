using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Makes domains: what storage they need, the definition, the start. When one of them fails, what was made before is taken back.
/// </summary>
/// <param name="command">The command that writes what was made.</param>
/// <param name="slots">How many are made at once.</param>
internal sealed class DomainMaker(VirtCommand command, SemaphoreSlim slots)
{
    private static readonly TimeSpan UndoPatience = TimeSpan.FromSeconds(30);

    /// <summary>Whether it is started once defined.</summary>
    public bool Start { get; init; }

    /// <summary>Whether it starts paused.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether it starts without a definition that outlives the run.</summary>
    public bool Transient { get; init; }

    /// <summary>Whether the XML is checked strictly.</summary>
    public bool Validate { get; init; }

    /// <summary>Whether the definition of a domain with the same name and uuid is replaced.</summary>
    public bool Replace { get; init; }

    /// <summary>Whether it starts with its host.</summary>
    public bool Autostart { get; init; }

    /// <summary>What is done, as the beginning of a sentence.</summary>
    public string Verb => Transient ? "Start transient" : Start ? "Define and start" : "Define";

    /// <summary>Makes one domain of its XML and writes it.</summary>
    public Task MakeAsync(VirtHost host, string xml, string name, Guid? uuid, CancellationToken cancel) =>
        MakeAsync(host, name, uuid, (_, _) => Task.FromResult(xml), cancel);

    /// <summary>Makes one domain and writes it; its XML is written once its storage is there.</summary>
    public async Task MakeAsync(
        VirtHost host, string name, Guid? uuid, Func<MadeStorage, CancellationToken, Task<string>> write, CancellationToken cancel)
    {
        await slots.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            bool exists = await RefuseExistingAsync(host, name, uuid, cancel).ConfigureAwait(false);
            var storage = new MadeStorage(command, host);
            Guid? defined = null;
            try
            {
                string xml = await write(storage, cancel).ConfigureAwait(false);
                DomainRecord made = Transient
                    ? await CreateAsync(host, xml, name, cancel).ConfigureAwait(false)
                    : await DefineAsync(host, xml, name, cancel).ConfigureAwait(false);
                defined = made.Uuid;
                if (!Transient)
                    made = await FinishAsync(host, made, cancel).ConfigureAwait(false);
                command.Emit(new VirtDomain(host, made));
            }
            catch
            {
                await UndoAsync(host, exists || Transient ? null : defined, storage).ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            slots.Release();
        }
    }

    private Task<DomainRecord> CreateAsync(VirtHost host, string xml, string name, CancellationToken cancel)
    {
        StartOptions options = (Paused ? StartOptions.Paused : 0) | (Validate ? StartOptions.Validate : 0);
        return command.CallAsync(
            host, $"CreateDomain '{name}'", (driver, token) => driver.CreateDomainAsync(xml, options, token), cancel);
    }

    private Task<DomainRecord> DefineAsync(VirtHost host, string xml, string name, CancellationToken cancel)
    {
        DefineOptions define = Validate ? DefineOptions.Validate : DefineOptions.None;
        return command.CallAsync(
            host, $"DefineDomain '{name}'", (driver, token) => driver.DefineDomainAsync(xml, define, token), cancel);
    }

    private async Task<DomainRecord> FinishAsync(VirtHost host, DomainRecord made, CancellationToken cancel)
    {
        if (Autostart)
        {
            made = await command.CallAsync(
                host, $"ChangeDomain '{made.Name}'",
                (driver, token) => driver.ChangeDomainAsync(made.Uuid, new DomainChange(Autostart: true), ChangeScope.Current, token), cancel)
                .ConfigureAwait(false);
        }

        StartOptions start = Paused ? StartOptions.Paused : StartOptions.None;
        return Start
            ? await command.CallAsync(
                host, $"StartDomain '{made.Name}'", (driver, token) => driver.StartDomainAsync(made.Uuid, start, token), cancel)
                .ConfigureAwait(false)
            : made;
    }

    // The user may have stopped the command, and still nothing half-made is left.
    private async Task UndoAsync(VirtHost host, Guid? defined, MadeStorage storage)
    {
        using var patience = new CancellationTokenSource(UndoPatience);
        try
        {
            if (defined is { } uuid)
            {
                await command.CallAsync(
                    host, "UndefineDomain",
                    async (driver, token) =>
                    {
                        await driver.UndefineDomainAsync(
                            uuid, UndefineOptions.ManagedSave | UndefineOptions.SnapshotsMetadata | UndefineOptions.Nvram, token)
                            .ConfigureAwait(false);
                        return true;
                    },
                    patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is VirtException or OperationCanceledException)
        {
            command.Warn($"The definition could not be removed again: {ErrorMap.Sentence(failure.Message)}");
        }

        await storage.UndoAsync(patience.Token).ConfigureAwait(false);
    }

    private async Task<bool> RefuseExistingAsync(VirtHost host, string name, Guid? uuid, CancellationToken cancel)
    {
        try
        {
            DomainRecord existing = await command.CallAsync(
                host, $"GetDomain '{name}'", (driver, token) => driver.GetDomainByNameAsync(name, token), cancel)
                    .ConfigureAwait(false);
            if (Replace && existing.Uuid == uuid)
                return true;
        }
        catch (VirtException failure) when (failure.Code is VirtErrorCode.NoDomain or VirtErrorCode.NoName or VirtErrorCode.XmlError)
        {
            // A name that is missing or cannot be is for the driver to explain.
            return false;
        }

        throw VirtException.Create(
            VirtErrorCode.DomainExists, $"a domain named '{name}' already exists on {host.Name}", name,
            "Choose another name; or, to replace its definition, give XML with its uuid and -Force.");
    }
}
