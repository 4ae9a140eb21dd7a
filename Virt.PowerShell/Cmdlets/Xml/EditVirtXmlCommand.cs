using System.Management.Automation;
using System.Xml;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Edits the definition of domains: in an editor, or by a script.</summary>
[Cmdlet(VerbsData.Edit, "VirtXml", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = EditorSet)]
[OutputType(typeof(VirtDomain))]
public sealed class EditVirtXmlCommand : DomainCommand
{
    private const string EditorSet = "Editor";
    private const string ScriptSet = "ScriptBlock";

    private readonly HashSet<(VirtHost, Guid)> _edited = [];

    /// <summary>The editor's command, with options; without it that of $env:VISUAL or $env:EDITOR.</summary>
    [Parameter(ParameterSetName = EditorSet)]
    [ValidateNotNullOrEmpty]
    public string? Editor { get; set; }

    /// <summary>Changes the document, which is $_ and the first argument; or returns another one, or text.</summary>
    [Parameter(ParameterSetName = ScriptSet, Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>Accepts what Virt does not know.</summary>
    [Parameter]
    public SwitchParameter NoValidate { get; set; }

    /// <summary>Returns the domain as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    // One after the other, on the pipeline thread: an editor has the screen, and a script runs there.
    internal override bool Take(FoundDomain found)
    {
        if (_edited.Add((found.Domain.VirtHost, found.Domain.Uuid)))
        {
            try
            {
                Edit(found.Domain);
            }
            catch (Exception failure) when (failure is VirtException or IOException or UnauthorizedAccessException or RuntimeException)
            {
                WriteError(ErrorMap.ToRecord(failure, found.Input));
            }
        }

        return false;
    }

    internal override Task WorkAsync(VirtDomain domain, CancellationToken cancel) => Task.CompletedTask;

    private void Edit(VirtDomain domain)
    {
        if (!domain.Persistent)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationInvalid, $"the domain '{domain.Name}' is transient and has no definition to edit", domain.Name,
                "Change its devices with Set-VirtDevice and the like; or define it: Get-VirtXml | New-VirtDomain.");
        }

        string before = XmlText.Indent(XmlText.ToDocument(Await(cancel => CallAsync(
            domain, "GetDomainXml",
            (driver, token) => driver.GetDomainXmlAsync(domain.Uuid, XmlOptions.Inactive | XmlOptions.Secure, token), cancel))));
        if (ScriptBlock is not null)
            Redefine(domain, before, ByScript(before));
        else
            ByEditor(domain, before);
    }

    private string ByScript(string before)
    {
        XmlDocument document = XmlText.ToDocument(before);
        object?[] output =
        [
            .. ScriptBlock!.InvokeWithContext(null, [new PSVariable("_", document)], document).Select(one => one?.BaseObject),
        ];
        // What methods of the document return on the way is no answer.
        if (output.OfType<XmlDocument>().LastOrDefault() is { } other)
            return XmlText.Indent(other);
        string text = string.Join('\n', output.OfType<string>());
        return text.TrimStart().StartsWith('<') ? text : XmlText.Indent(document);
    }

    private void ByEditor(VirtDomain domain, string before)
    {
        var editor = new Editor(Editor);
        string text = before;
        while (true)
        {
            text = Await(cancel => editor.EditAsync(text, cancel));
            try
            {
                Redefine(domain, before, text);
                editor.Discard();
                return;
            }
            catch (VirtException refused) when (Again(refused))
            {
                WriteVerbose("The text is edited again.");
            }
            catch (VirtException refused)
            {
                throw VirtException.Create(
                    refused.Code, refused.Message, refused.Target ?? domain.Name,
                    $"{refused.RecommendedAction} The text is kept in '{editor.File}': New-VirtDomain -Path '{editor.File}' -Force takes it."
                        .TrimStart());
            }
        }
    }

    private void Redefine(VirtDomain domain, string before, string after)
    {
        Check(domain, after);
        IReadOnlyList<string> difference = LineDiff.Unified(before, after);
        if (difference.Count == 0)
        {
            WriteWarning($"The definition of '{domain.Name}' on {domain.VirtHost.Name} is unchanged.");
            return;
        }

        string effect = $"Redefine domain '{domain.Name}' on {domain.VirtHost.Name}:\n{string.Join('\n', difference)}";
        if (!ShouldProcess(effect, effect + "\nRedefine it?", "Confirm"))
            return;
        DomainRecord defined = Await(cancel => CallAsync(
            domain, "DefineDomain",
            (driver, token) => driver.DefineDomainAsync(after, NoValidate ? DefineOptions.None : DefineOptions.Validate, token), cancel));
        if (defined.IsActive)
            WriteWarning($"The running '{domain.Name}' has the new definition from its next start on.");
        if (PassThru)
            WriteObject(new VirtDomain(domain.VirtHost, defined));
    }

    // Another name or uuid would define another domain beside this one.
    private static void Check(VirtDomain domain, string text)
    {
        XElement root = SafeXml.Parse(text, "domain");
        if (root.Element("name")?.Value.Trim() != domain.Record.Name)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationInvalid, "the name was changed", domain.Name, "Rename it with Rename-VirtDomain.");
        }

        if (!Guid.TryParse(root.Element("uuid")?.Value.Trim(), out Guid uuid) || uuid != domain.Uuid)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationInvalid, root.Element("uuid") is null ? "the uuid was taken out" : "the uuid was changed", domain.Name,
                $"Leave it as it was, {domain.Uuid}; Import-VirtDomain -GenerateNewId makes another domain of the same XML.");
        }
    }

    private bool Again(VirtException refused)
    {
        try
        {
            return ShouldContinue($"{ErrorMap.Sentence(refused.Message)} {refused.RecommendedAction}\nEdit it again?", "The definition was refused");
        }
        catch (Exception silent) when (silent is not PipelineStoppedException)
        {
            // Nobody is there to be asked.
            return false;
        }
    }
}
