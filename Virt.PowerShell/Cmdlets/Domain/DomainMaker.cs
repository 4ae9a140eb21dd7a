using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Makes domains of XML for New-VirtDomain: defines them, starts them, and refuses names that are taken.</summary>
/// <param name="command">The command that writes what was made.</param>
/// <param name="slots">How many are made at once.</param>
internal sealed class DomainMaker(VirtCommand command, SemaphoreSlim slots)
{
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

    /// <summary>Makes one domain and writes it.</summary>
    public async Task MakeAsync(VirtHost host, string xml, string name, Guid? uuid, CancellationToken cancel)
    {
        await slots.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await RefuseExistingAsync(host, name, uuid, cancel).ConfigureAwait(false);
            DomainRecord made = await (Transient ? CreateAsync(host, xml, name, cancel) : DefineAsync(host, xml, name, cancel))
                .ConfigureAwait(false);
            command.Emit(new VirtDomain(host, made));
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

    private async Task<DomainRecord> DefineAsync(VirtHost host, string xml, string name, CancellationToken cancel)
    {
        DefineOptions define = Validate ? DefineOptions.Validate : DefineOptions.None;
        DomainRecord defined = await command.CallAsync(
            host, $"DefineDomain '{name}'", (driver, token) => driver.DefineDomainAsync(xml, define, token), cancel)
            .ConfigureAwait(false);
        if (!Start)
            return defined;
        StartOptions start = Paused ? StartOptions.Paused : StartOptions.None;
        return await command.CallAsync(
            host, $"StartDomain '{name}'", (driver, token) => driver.StartDomainAsync(defined.Uuid, start, token), cancel)
            .ConfigureAwait(false);
    }

    private async Task RefuseExistingAsync(VirtHost host, string name, Guid? uuid, CancellationToken cancel)
    {
        try
        {
            DomainRecord existing = await command.CallAsync(
                host, $"GetDomain '{name}'", (driver, token) => driver.GetDomainByNameAsync(name, token), cancel)
                    .ConfigureAwait(false);
            if (Replace && existing.Uuid == uuid)
                return;
        }
        catch (VirtException failure) when (failure.Code is VirtErrorCode.NoDomain or VirtErrorCode.NoName or VirtErrorCode.XmlError)
        {
            // A name that is missing or cannot be is for the driver to explain.
            return;
        }

        throw VirtException.Create(
            VirtErrorCode.DomainExists, $"a domain named '{name}' already exists on {host.Name}", name,
            "Choose another name; or, to replace its definition, give XML with its uuid and -Force.");
    }
}
